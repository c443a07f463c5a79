// Counts the months of the log that have ended: reads each once, from the first entry that is in no counted month, and
// hands the figures over a whole month at a time. Nothing of a month that is not over is kept anywhere, so nobody can
// see from the file when something happened. What is counted: spec/figures.md.
//
// One thread, and none that must not wait: it reads the month's entries, in pieces, each of a snapshot of its own.
#pragma once

#include "service/figures.h"
#include "service/whose_entry.h"

namespace flikvakt::service {

// Makes what was counted durable: called for each month that has ended, in order, with all that is counted by then.
using KeepFigures = std::function<Result<void>(const Figures&)>;

// SPEC FIG-3: a month is over when the log has an entry of a later one.
// `figures`: what is kept; those of another log stay, and none of their months is counted again. Errors: corrupt (the
// figures are ahead of the log, or an entry does not open: that month is not counted), io, unavailable (`keep_on` said
// no), and those of `keep`. What was handed over before stands.
Result<void> count_ended_months(Core& core, Figures figures, const KeepOn& keep_on, const KeepFigures& keep);

// SPEC FIG-16: all that has ended, from the first entry on, into the file; months of a log before this one are kept if
// they can still be read. The file that was there stays as `figures.old`. How many months are now in the file.
Result<std::size_t> count_all_months_again(Core& core);

}  // namespace flikvakt::service
