// Every command. One function for each file; what `serve` does comes from main.cpp, which alone may see the gateway.
#pragma once

#include <vector>

#include "admin/command.h"

namespace flikvakt::admin {

using RunServe = std::function<Outcome<void>(const Arguments&, const Output&)>;
std::vector<Command> all_commands(RunServe serve);

std::vector<Command> set_up_commands();          // init, key, pki
std::vector<Command> registry_commands();        // organisation, unit, staff, team, …, apply, status
std::vector<Command> proposal_commands();        // proposals, approve
std::vector<Command> portal_commands();          // portal
std::vector<Command> reattest_commands();        // registry show, registry reattest
std::vector<Command> keys_commands();            // keys status, rotate, rotate-log-key, retire-log-key, shred
std::vector<Command> log_commands();             // log verify, export, checkpoint
std::vector<Command> retention_commands();       // log retention, set-retention, plan-pruning, prune
std::vector<Command> backup_commands();          // backup create, verify; restore
std::vector<Command> partner_commands();         // handle, list, fetch, receipt, deposit, act, cases, requests, …
std::vector<Command> witness_commands();         // witness
std::vector<Command> desk_commands();            // desk propose-key, record-death, …
std::vector<Command> paper_commands();           // desk paper-fullmakt, paper-narrowing, referral, …
std::vector<Command> desk_approve_commands();    // desk proposal, approve
std::vector<Command> staff_commands();           // request, relinquish, case, milestone, notice, roster, …
std::vector<Command> person_commands();          // person me, fetch, sign, revoke, …
std::vector<Command> person_log_commands();      // person log, consents, receipt, prove-log
std::vector<Command> verify_receipt_commands();  // verify-receipt
std::vector<Command> connector_commands();       // connector init, list; organisation enrol
std::vector<Command> notice_commands();          // notify-webhook
std::vector<Command> report_commands();          // report

}  // namespace flikvakt::admin
