"""Guessing which of two causes an answer came from. Every guesser learns on one half and is judged on the other, then the halves
change places: the accuracy is over all answers, none of which was judged by what was learned from it.

A sample is a tuple of numbers, one for each feature. `a` and `b` hold as many samples each, and a[i] and b[i] were asked for
within the same moment: a pair.
"""
import bisect
import math


def threshold(a, b):
    """The cut (and its direction) that tells most of what it learned on apart."""
    marked = sorted([(value, 0) for value in a] + [(value, 1) for value in b])
    best, cut, below = -1, 0, 0
    left = [0, 0]
    for at, (value, cause) in enumerate(marked):
        left[cause] += 1
        if at + 1 < len(marked) and marked[at + 1][0] == value:
            continue
        first_below = left[0] + len(b) - left[1]  # right when `a` lies below the cut
        for right, is_below in ((first_below, 0), (len(a) + len(b) - first_below, 1)):
            if right > best:
                best, cut, below = right, value, is_below
    return lambda value: below if value <= cut else 1 - below


def cells(values, most=20):
    """Borders of cells that hold about as many values each."""
    ordered = sorted(values)
    return sorted({ordered[len(ordered) * n // most] for n in range(1, most)})


def histogram(a, b):
    """log P(cell | b) - log P(cell | a), for a value; cells of equal weight."""
    borders = cells(a + b)
    counts = [[1] * (len(borders) + 1), [1] * (len(borders) + 1)]
    for cause, values in enumerate((a, b)):
        for value in values:
            counts[cause][bisect.bisect_left(borders, value)] += 1
    weight = [math.log(counts[1][n] / len(b)) - math.log(counts[0][n] / len(a)) for n in range(len(borders) + 1)]
    return lambda value: weight[bisect.bisect_left(borders, value)]


def by_threshold(feature):
    def learn(a, b):
        guess = threshold([one[feature] for one in a], [one[feature] for one in b])
        return lambda one: guess(one[feature])
    return learn


def by_histogram(features):
    """Naive Bayes over the histograms of these features."""
    def learn(a, b):
        learned = [(n, histogram([one[n] for one in a], [one[n] for one in b])) for n in features]
        return lambda one: sum(weigh(one[n]) for n, weigh in learned) > 0
    return learn


def halves(samples):
    return samples[0::2], samples[1::2]


def accuracy(learn, a, b):
    right = 0
    for teach in (0, 1):
        guess = learn(halves(a)[teach], halves(b)[teach])
        judged_a, judged_b = halves(a)[1 - teach], halves(b)[1 - teach]
        right += sum(not guess(one) for one in judged_a) + sum(bool(guess(one)) for one in judged_b)
    return right / (len(a) + len(b))


def pair_accuracy(feature, a, b):
    """Told two answers of one moment, which is which? By the sign of their difference: what both suffer falls out."""
    differences = [two[feature] - one[feature] for one, two in zip(a, b)]
    right = 0.0
    for teach in (0, 1):
        learned, judged = halves(differences)[teach], halves(differences)[1 - teach]
        larger = sum(d > 0 for d in learned) >= sum(d < 0 for d in learned)
        right += sum(0.5 if d == 0 else (d > 0) == larger for d in judged)
    return right / len(differences)


def tell_apart(names, a, b):
    """Accuracy of every guesser, by name. `names`: what the features are called."""
    count = min(len(a), len(b))
    a, b = a[:count], b[:count]
    out = {}
    for n, name in enumerate(names):
        out[f"threshold {name}"] = accuracy(by_threshold(n), a, b)
        out[f"histogram {name}"] = accuracy(by_histogram([n]), a, b)
        out[f"pairs {name}"] = pair_accuracy(n, a, b)
    out["all together"] = accuracy(by_histogram(range(len(names))), a, b)
    return out


def binomial_error(accuracy_, count):
    """One standard error of an accuracy over 2 * count judgements."""
    return math.sqrt(accuracy_ * (1 - accuracy_) / (2 * count))
