// The catalogue of providers: for everybody who is signed in, to search and to read; for a provider, to write its own
// entry. No page of it asks for an act but the one that writes: nothing tells who looked for what.
#pragma once

#include "gateway/portal_staff.h"

namespace flikvakt::gateway {

void add_provider_pages(PortalContext& context, Router& router);

// Pure. The languages in which an entry can be written here; and what is wrong with what was written, as a key of
// words.
inline constexpr std::string_view kEntryLanguages[] = {"sv", "en"};
struct EntryForm {
  policy::SetProviderEntry act;
  std::string wrong;  // empty: nothing
};
EntryForm read_entry_form(const Form& form, const std::set<std::string>& areas_to_choose);

}  // namespace flikvakt::gateway
