"""Documents that are pictures: a signed paper that went through a scanner, and a large series of X-ray images."""
import random
import re
import time

from PIL import Image, ImageDraw, ImageFilter, ImageFont

FONTS = "/usr/share/fonts/truetype/liberation"
NOTICE = "Påhittat dokument för demonstration av Flikvakt."
SCAN_SIZE = (1240, 1754)     # A4 at 150 dots per inch
IMAGE_SIZE = (2040, 2480)


def font(size, face="Serif-Regular"):
    return ImageFont.truetype(f"{FONTS}/Liberation{face}.ttf", size)


def noise(generator, size):
    return Image.frombytes("L", size, generator.randbytes(size[0] * size[1]))


def save_pdf(pages, document, path, dots_per_inch, quality):
    day = time.strptime(document["date"], "%Y-%m-%d")
    pages[0].save(path, "PDF", save_all=True, append_images=pages[1:], resolution=dots_per_inch, quality=quality,
                  title=document["title"], author=document["author"], creationDate=day, modDate=day)


# ---- Scanned paper

def draw_words(draw, at, text, width, size):
    """Wraps text with **bold** words; gives the height that it took."""
    faces = {False: font(size), True: font(size, "Serif-Bold")}
    x, y, bold = 0, 0, False
    for part in re.split(r"(\*\*)", text):
        if part == "**":
            bold = not bold
            continue
        for word in re.findall(r"\s*\S+\s*", part):
            length = faces[bold].getlength(word)
            if x and x + faces[bold].getlength(word.rstrip()) > width:
                x, y = 0, y + round(size * 1.45)
            draw.text((at[0] + x, at[1] + y), word, font=faces[bold], fill=30)
            x += length
    return y + round(size * 1.45)


def draw_signature(draw, generator, at, name):
    """A pen line that waves as often as the name has letters."""
    x, y = at
    points = [(x, y)]
    for letter in name:
        tall = letter.isupper() or letter in "lbdfhktåäö"
        for height in (-58 if letter.isupper() else -34 if tall else -14, 4, -6 if generator.random() < 0.6 else 22):
            x += generator.uniform(3.5, 7) if letter != " " else 4
            points.append((x, y + height + generator.uniform(-5, 5)))
    # Chaikin's corner cutting turns the zigzag into a hand's curve.
    for _ in range(3):
        points = [p for a, b in zip(points, points[1:])
                  for p in ((a[0] * 0.75 + b[0] * 0.25, a[1] * 0.75 + b[1] * 0.25), (a[0] * 0.25 + b[0] * 0.75, a[1] * 0.25 + b[1] * 0.75))]
    draw.line(points, fill=50, width=4, joint="curve")
    draw.line([(at[0] - 12, at[1] + 22), (x + 40, at[1] + 10)], fill=70, width=3)


def paper(parsed, generator):
    head, blocks = parsed
    page = Image.new("L", SCAN_SIZE, 250)
    draw = ImageDraw.Draw(page)
    draw.text((150, 120), head["organisation"], font=font(30, "Sans-Bold"), fill=40)
    draw.text((150, 160), head["address"], font=font(20, "Sans-Regular"), fill=60)
    draw.line([(150, 200), (1090, 200)], fill=60, width=2)
    y = 260
    for kind, content in blocks:
        if kind == "title":
            draw.text((150, y), content, font=font(46, "Serif-Bold"), fill=25)
            y += 90
        else:
            y += draw_words(draw, (150, y), " ".join(content), 940, 27) + 22
    y += 60
    draw.text((150, y), head["place"], font=font(26), fill=35)
    draw_signature(draw, generator, (190, y + 170), head["signature"])
    draw.line([(150, y + 205), (720, y + 205)], fill=90, width=1)
    draw.text((150, y + 214), f"{head['signature_title']}: {head['signature']}" if head["signature_title"] == "Namnteckning"
              else f"{head['signature']}, {head['signature_title']}", font=font(22), fill=50)
    draw.text((150, 1660), NOTICE, font=font(17, "Sans-Regular"), fill=120)
    return page


def write_scan(parsed, document, path):
    generator = random.Random(document["file"])
    page = paper(parsed, generator)
    page = page.rotate(generator.choice([-1, 1]) * generator.uniform(0.7, 1.4), Image.BICUBIC, fillcolor=232)
    draw = ImageDraw.Draw(page)
    for _ in range(60):  # dust on the glass
        x, y, size = generator.randrange(1240), generator.randrange(1754), generator.choice([1, 1, 2, 3])
        draw.ellipse([x, y, x + size, y + size], fill=generator.randrange(120, 200))
    draw.line([(0, 1180), (1240, 1186)], fill=226, width=3)  # a fold
    shade = Image.linear_gradient("L").rotate(90).resize(SCAN_SIZE).point(lambda value: 255 - (255 - value) // 12)
    page = Image.composite(page, Image.new("L", SCAN_SIZE, 214), shade)
    page = Image.blend(page.filter(ImageFilter.GaussianBlur(0.7)), noise(generator, SCAN_SIZE), 0.07)
    save_pdf([page], document, path, 150, 70)


# ---- X-ray images

def hand(draw, turn):
    """Forearm, wrist and five fingers as bright bones."""
    def bone(start, end, thickness, brightness):
        (x0, y0), (x1, y1) = start, end
        draw.line([start, end], fill=brightness, width=round(thickness * 0.7))
        for x, y in (start, end):
            draw.ellipse([x - thickness / 2, y - thickness / 2, x + thickness / 2, y + thickness / 2], fill=brightness + 12)

    bone((430 + turn, 1150), (450, 900), 74, 150)
    bone((545 - turn, 1150), (535, 900), 60, 140)
    for index in range(8):  # carpal bones
        x, y = 425 + (index % 4) * 45, 800 + (index // 4) * 52
        draw.ellipse([x - 27, y - 27, x + 27, y + 27], fill=150 + index * 3)
    for finger, (spread, length) in enumerate([(-230, 0.62), (-95, 0.95), (-15, 1.0), (62, 0.95), (135, 0.78)]):
        x, y = 430 + finger * 36, 760
        lengths = [230, 130, 85, 55] if finger else [150, 110, 70]
        for part, bone_length in enumerate(lengths):
            x1, y1 = x + spread * (0.42 if part == 0 else 0.2), y - bone_length * length
            bone((x, y), (x1, y1), 40 - part * 6, 165 - part * 8)
            x, y = x1, y1 - 10


def xray(index, total, subject, generator, grain):
    small = Image.new("L", (980, 1200), 14)
    draw = ImageDraw.Draw(small)
    turn = index * 9 - 30
    flesh = [(380 + turn, 1200), (370, 850), (150, 560), (170, 520), (360, 640), (300, 200), (420, 120), (520, 110), (640, 180), (700, 330),
             (640, 800), (600 - turn, 1200)]
    draw.polygon(flesh, fill=62)
    small = small.filter(ImageFilter.GaussianBlur(22))
    hand(ImageDraw.Draw(small), turn)
    small = small.filter(ImageFilter.GaussianBlur(3.5)).rotate(turn / 6, Image.BICUBIC, fillcolor=14)
    page = small.resize(IMAGE_SIZE, Image.BILINEAR)
    # One field of grain, moved about: fresh noise for every image would cost most of the time.
    dx, dy = generator.randrange(IMAGE_SIZE[0]), generator.randrange(IMAGE_SIZE[1])
    moved = Image.new("L", IMAGE_SIZE)
    for x in (dx - IMAGE_SIZE[0], dx):
        for y in (dy - IMAGE_SIZE[1], dy):
            moved.paste(grain, (x, y))
    page = Image.blend(page, moved, 0.16)
    draw = ImageDraw.Draw(page)
    draw.text((60, 50), subject, font=font(44, "Sans-Regular"), fill=225)
    draw.text((60, 105), f"Höger handled   bild {index + 1} av {total}", font=font(44, "Sans-Regular"), fill=225)
    draw.text((1910, 50), "H", font=font(80, "Sans-Bold"), fill=240)
    draw.text((1960, 2400), NOTICE, font=font(32, "Sans-Regular"), fill=200, anchor="ra")
    return page


def write_series(document, subject, path):
    """About 25 MB: the grain does not compress."""
    generator = random.Random(document["file"])
    grain = noise(generator, IMAGE_SIZE)
    pages = [xray(index, document["pages"], subject, generator, grain) for index in range(document["pages"])]
    save_pdf(pages, document, path, 200, 97)
