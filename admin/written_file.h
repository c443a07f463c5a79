// An object that a person wrote: TOML when the name ends in .toml, else JSON. A mistake is told with the file's name
// before anything is sent.
#pragma once

#include <filesystem>

#include "admin/command.h"
#include "base/json.h"

namespace flikvakt::admin {

// Symbols ("$region") must be in the file of --ids, recipients may be written as in recipient_of, `text_file` stands
// for a text.
Option ids_option();
Outcome<json::value> read_written(const std::filesystem::path& file, const Arguments& arguments);

// Whole examples of such files, for helps.
inline const std::string kWrittenFullmakt =
    "  text_file = \"shown.txt\"                  # or text = \"…\": word for word what is signed\n"
    "  [terms]\n"
    "  disclosers = [\"ID of an organisation\"]\n"
    "  recipients = [\"team=ID\"]                 # or organisation=, unit=, staff=\n"
    "  flikar = [\"journal\"]\n"
    "  documents = []                           # single ones, by id\n"
    "  purpose = \"rehab\"\n"
    "  rights = [\"read\"]                        # or also \"deposit\"\n"
    "  valid_from = 2026-12-01                  # the beginning of the day (UTC), or a time\n"
    "  valid_to = 2027-05-31                    # the end of the day (UTC), or a time\n"
    "  secrecy_consent = \"osl-10-1\"\n"
    "  legal_ground = \"gdpr-6-1-e\"\n"
    "  language = \"sv\"\n";
inline const std::string kWrittenKomplettering =
    "  language = \"sv\"\n"
    "  text_file = \"shown.txt\"                  # or text = \"…\": word for word what is signed\n"
    "  [delta]                                  # only what is new; an empty list where nothing is\n"
    "  disclosers = []\n"
    "  recipients = []\n"
    "  flikar = [\"plan\"]\n"
    "  documents = []\n"
    "  rights = []\n";

// Days in place of times: of `valid_from` their beginning, of `valid_to` their end.
Outcome<void> complete_period(json::object& written, const std::filesystem::path& file);

// The plan of a kontrakt (policy::KontraktPlan): an object, or only the array of its parts. What may be empty may be
// left out, and days stand for times.
Outcome<json::object> read_plan(const std::filesystem::path& file, const Arguments& arguments);

}  // namespace flikvakt::admin
