/* The commit protocol: what service/sequencer.cpp, publish_batch.cpp, lease.h, open_readings.cpp and recover.cpp do, in which
 * order, around a database, a head file and somebody who takes access away. spin looks at every order of every step of it.
 * README.md says what is claimed, what is left out and how to run it.
 *
 * There are up to three readings: 0 and 1 under the fullmakt that the person revokes, 2 under another one. Two connections
 * read, each with a reading of its own or both in ranges of one. -DBUG_... breaks one step; -DONLY=n checks invariant n alone.
 */

#ifndef CRASHES
#define CRASHES 2      /* kills, losses of power and failed syncs, in all */
#endif
#ifndef CONNECTIONS
#define CONNECTIONS 2
#endif
#ifndef READINGS
#define READINGS 2     /* 2: one covered and one not; 3: two covered */
#endif
#ifndef ONLY
#define ONLY 0
#endif

#define IS_COVERED(reading) ((reading) < 2)

/* A log is its entries as octal digits, the newest last: so it holds its own past, as a root with its tiles does. */
#define OPENING(reading) ((reading) + 1)
#define REVOCATION 4
#define REFUSAL 5
#define APPENDED(log, entry) (((log) << 3) + (entry))
#define HAS(log, entry) (((log) & 7) == (entry) || (((log) >> 3) & 7) == (entry) || (((log) >> 6) & 7) == (entry) || (((log) >> 9) & 7) == (entry))
#define IS_EXTENSION(log, of) ((log) == (of) || (log) >> 3 == (of) || (log) >> 6 == (of) || (log) >> 9 == (of) || (log) >> 12 == (of))

mtype:gateway = {down, starting, serving, locked};
mtype:phase = {idle, asked, to_permit, to_refuse, may_send, announced, entered, sending, closing};

/* --- on disk --- */
short disk = 0;              /* what a loss of power leaves of the database: its log; the state rows follow from it */
short cache = 0;             /* what is read of it: the kernel's page cache */
short head_file = 0;         /* its write is one step: of two slots a torn one leaves the other */
bool kernel_forgot = false;  /* a sync failed: its pages count as clean since, no later sync writes them, nor what lies behind them */

/* --- the process --- */
mtype:gateway status = down;
short committed = 0;         /* the log in memory, and the head note of the last commit */
bool revoked = false;        /* the state in memory, with what the batch under way changed */
short batch_log;             /* the log with the batch */
bool narrows, answers_person;
mtype:phase phase[2] = idle;
byte reading_of[2];
bool is_open[3];      /* OpenReadings */
bool is_cut[3];       /* Lease::cut_ */
byte in_flight[3];    /* Lease::in_flight_ */
bool person_waits = false;

/* --- what happened, for the claims --- */
bool acknowledged = false;   /* the revocation, to the person */
bool permitted[3];    /* the opening was answered */
bool sent[3];         /* a byte of it was handed to the network */
bool was_asked[3];
bool a_sync_failed = false, rolled_back = false;
byte crashes = CRASHES;

/* --- what must hold: README.md has the sentences --- */
hidden byte came_here;
bool I1_a_send_after_the_acknowledgement, I2_a_byte_without_its_entry, I3_an_answer_that_was_forgotten;
bool I4_a_rollback_that_serves, I6_locked_for_nothing, I7_a_permit_behind_the_revocation;

#define MUST(number, otherwise, holds) \
  if \
  :: (ONLY != 0 && ONLY != number) || (holds) \
  :: else -> otherwise = true; assert(!otherwise) \
  fi
#define REACHED(what) came_here = 1  /* the test looks that spin did */

#define IS_SENT_UNDER_THE_FULLMAKT(c) (phase[c] == sending && IS_COVERED(reading_of[c]))
#define IS_FOUND(reading) (is_open[reading] && !is_cut[reading] && permitted[reading])
#define IS_KEPT(flags, reading) (!flags[reading] || HAS(committed, OPENING(reading)))

/* The process is gone, whoever it was that ended it. */
inline lose_memory() {
  d_step {
    status = down; committed = 0; revoked = false; batch_log = 0; narrows = false; answers_person = false; person_waits = false;
    phase[0] = idle; phase[1] = idle; reading_of[0] = 0; reading_of[1] = 0;
    is_open[0] = false; is_open[1] = false; is_open[2] = false;
    is_cut[0] = false; is_cut[1] = false; is_cut[2] = false;
    in_flight[0] = 0; in_flight[1] = 0; in_flight[2] = 0
  }
}

/* --- start-up: Core::check_rows, recover(), tidy_up() --- */

inline sync_database() {
  if
  :: kernel_forgot        /* it says that all is well */
  :: else -> disk = cache
  fi
}

inline start_up() {
#ifndef BUG_NO_SYNC_AT_START
  atomic { sync_database() }  /* SPEC REC-13 */
#endif
  atomic {
    committed = cache;
    if
#ifndef BUG_NO_HEAD_CHECK
    :: !IS_EXTENSION(committed, head_file) ->  /* SPEC REC-4 */
       if
       :: rolled_back && acknowledged -> REACHED("an older database is refused after a revocation")
       :: !rolled_back -> REACHED("locked after a failed sync and a loss of power")
       :: else
       fi;
       MUST(6, I6_locked_for_nothing, rolled_back || a_sync_failed);
       status = locked
#endif
    :: else
    fi
  }
  if
  :: status == locked
  :: else ->
#ifndef BUG_HEAD_NOT_BROUGHT_UP
     head_file = committed;
#endif
     atomic {
       revoked = HAS(committed, REVOCATION);
       MUST(2, I2_a_byte_without_its_entry, rolled_back || (IS_KEPT(sent, 0) && IS_KEPT(sent, 1) && IS_KEPT(sent, 2)));
       MUST(3, I3_an_answer_that_was_forgotten, rolled_back || (IS_KEPT(permitted, 0) && IS_KEPT(permitted, 1) && IS_KEPT(permitted, 2)));
       MUST(3, I3_an_answer_that_was_forgotten, rolled_back || !acknowledged || revoked);
       MUST(4, I4_a_rollback_that_serves, !rolled_back || !acknowledged || revoked);
       if
       :: rolled_back -> REACHED("a rollback within the head file's second is accepted")
       :: acknowledged && !rolled_back -> REACHED("a restart after the acknowledgement")
       :: else
       fi;
       status = serving
     }
  fi
}

/* --- one batch: Sequencer::process --- */

inline decide_opening(c) {
  if
  :: phase[c] == asked ->
     if
#ifdef BUG_DECIDED_ON_THE_OLD_STATE
     :: HAS(committed, REVOCATION) && IS_COVERED(reading_of[c]) ->
#else
     :: revoked && IS_COVERED(reading_of[c]) ->
#endif
        batch_log = APPENDED(batch_log, REFUSAL); phase[c] = to_refuse
     :: else ->
        MUST(7, I7_a_permit_behind_the_revocation, !HAS(batch_log, REVOCATION) || !IS_COVERED(reading_of[c]));
        if
        :: narrows -> REACHED("another fullmakt's opening behind the revocation, in one batch")
        :: else
        fi;
        batch_log = APPENDED(batch_log, OPENING(reading_of[c])); phase[c] = to_permit
     fi
  :: else
  fi
}

/* The very same act sent again finds its receipt: nothing is written, and it is answered as before. */
inline decide_revocation() {
  if
  :: person_waits ->
     person_waits = false; answers_person = true;
     if
     :: revoked
     :: else ->
        if
        :: phase[0] == to_permit && IS_COVERED(reading_of[0]) -> REACHED("permitted and revoked in one batch")
        :: else
        fi;
        revoked = true; narrows = true; batch_log = APPENDED(batch_log, REVOCATION)
     fi
  :: else
  fi
}

/* Narrowing acts first, but behind an earlier act of the same actor. */
inline take_and_decide() {
  batch_log = committed;
  if
  :: decide_revocation(); decide_opening(0); decide_opening(1)
  :: person_waits && phase[0] == asked -> decide_opening(0); decide_revocation(); decide_opening(1)
  fi
}

inline write_frames() {
#ifdef BUG_HEAD_BEFORE_COMMIT
  head_file = batch_log;
#endif
  cache = batch_log
}

inline answer_unavailable() {
  d_step {
    answers_person = false;
    if :: phase[0] == to_permit || phase[0] == to_refuse -> phase[0] = idle; reading_of[0] = 0 :: else fi;
    if :: phase[1] == to_permit || phase[1] == to_refuse -> phase[1] = idle; reading_of[1] = 0 :: else fi
  }
}

/* Sequencer::undo */
inline undo() {
#ifndef BUG_NO_UNDO
  if
  :: narrows -> revoked = false
  :: else
  fi;
#endif
  narrows = false; batch_log = 0
}

/* Sequencer::permit_opening: the reading is known to whoever cuts before anybody is answered. */
inline add_readings() {
  d_step {
    if :: phase[0] == to_permit -> is_open[reading_of[0]] = true :: else fi;
    if :: phase[1] == to_permit -> is_open[reading_of[1]] = true :: else fi
  }
}

/* OpenReadings::cut */
inline cut(reading) {
  if
  :: is_open[reading] ->
     atomic {
       if
       :: (phase[0] == sending && reading_of[0] == reading) || (phase[1] == sending && reading_of[1] == reading) ->
          REACHED("cut while a send is under way")
       :: else
       fi;
       is_cut[reading] = true
     }
#ifndef BUG_CUT_DOES_NOT_WAIT
     in_flight[reading] == 0;
#endif
     is_open[reading] = false
  :: else
  fi
}

inline cut_ended_readings() {
  if
  :: narrows -> cut(0); cut(1)
  :: else
  fi
}

inline answer_opening(c) {
  atomic {
    if
    :: phase[c] == to_permit -> phase[c] = may_send; permitted[reading_of[c]] = true
    :: phase[c] == to_refuse -> phase[c] = idle; reading_of[c] = 0
    :: else
    fi
  }
}

inline answer_person() {
  atomic {
    if
    :: answers_person ->
       MUST(1, I1_a_send_after_the_acknowledgement, !IS_SENT_UNDER_THE_FULLMAKT(0) && !IS_SENT_UNDER_THE_FULLMAKT(1));
       if
       :: !narrows -> REACHED("acknowledged as a repeat")
       :: else
       fi;
       acknowledged = true; answers_person = false
    :: else
    fi
  }
}

/* Sequencer::answer */
inline answer() {
#ifdef BUG_CUT_BEFORE_THE_READINGS_ARE_ADDED
  cut_ended_readings();
  add_readings();
#else
  add_readings();
#ifdef BUG_ACKNOWLEDGED_BEFORE_THE_CUT
  answer_person();
#endif
  cut_ended_readings();
#endif
  answer_opening(0);
  answer_opening(1);
  answer_person();
  atomic { narrows = false; batch_log = 0 }
}

/* Sequencer::publish */
inline publish() {
  committed = batch_log;
#ifndef BUG_HEAD_FILE_LATE
  if
  :: narrows -> head_file = committed
  :: else
  fi;
#endif
  answer()
}

inline process_batch() {
  if
  :: batch_log == committed -> answer_person(); batch_log = 0  /* repeats alone: nothing to write, permit or cut */
#ifndef NO_ABORTS
  :: batch_log != committed ->  /* it certainly did not happen */
#ifdef BUG_ANSWERED_THOUGH_ABORTED
     answer()
#else
     atomic { undo(); answer_unavailable() }
#endif
#endif
  :: batch_log != committed ->
     write_frames();
#ifdef BUG_ANSWERED_BEFORE_THE_SYNC
     answer_opening(0);
     answer_opening(1);
#endif
     if
     :: atomic { sync_database() }; publish()
     :: atomic {
          crashes > 0 -> crashes--; kernel_forgot = true; a_sync_failed = true;
#ifndef BUG_SERVES_ON_AFTER_A_FAILED_SYNC
          lose_memory()  /* Sequencer::fatal: nobody is answered */
#endif
        };
#ifdef BUG_SERVES_ON_AFTER_A_FAILED_SYNC
        publish()
#endif
     fi
  fi
}

active proctype Gateway() {
end_at_rest:
  do
  :: atomic { status == down -> status = starting }; { start_up() } unless { status == down }
  :: status == serving ->
end_nothing_waits:
     {
       if
       :: atomic { person_waits || phase[0] == asked || phase[1] == asked -> take_and_decide() }; process_batch()
       :: head_file != committed -> head_file = committed  /* Sequencer::housekeeping: within a second, or later than all else */
       fi
     } unless { status == down }
  od
}

/* --- everybody else --- */

/* A worker's connection. Every send is bracketed by Lease::enter() and leave(); one send or a hundred are the same loop. */
proctype Connection(byte c) {
  byte fresh = 0;
end_at_rest:
  do
  :: atomic {
       status == serving && phase[c] == idle && !(was_asked[0] && was_asked[1] && was_asked[2]) ->
       if
       :: !was_asked[0] -> fresh = 0
       :: was_asked[0] && !was_asked[1] -> fresh = 1
       :: !was_asked[2] -> fresh = 2
       fi;
       was_asked[fresh] = true; reading_of[c] = fresh; phase[c] = asked; fresh = 0
     }
  :: atomic {  /* a range of a reading that is open: OpenReadings::find */
       status == serving && phase[c] == idle && (IS_FOUND(0) || IS_FOUND(1) || IS_FOUND(2)) ->
       if
       :: IS_FOUND(0) -> reading_of[c] = 0
       :: IS_FOUND(1) -> reading_of[c] = 1
       :: IS_FOUND(2) -> reading_of[c] = 2
       fi;
       phase[c] = may_send
     }
#ifdef BUG_LOOKS_BEFORE_IT_ANNOUNCES
  :: atomic {
       phase[c] == may_send ->
       if
       :: is_cut[reading_of[c]] -> phase[c] = idle; reading_of[c] = 0
       :: else -> phase[c] = announced
       fi
     }
  :: atomic { phase[c] == announced -> in_flight[reading_of[c]]++; phase[c] = entered }
#else
  :: atomic { phase[c] == may_send -> in_flight[reading_of[c]]++; phase[c] = announced }
  :: atomic {
       phase[c] == announced ->
       if
       :: is_cut[reading_of[c]] -> in_flight[reading_of[c]]--; phase[c] = idle; reading_of[c] = 0
       :: else -> phase[c] = entered
       fi
     }
#endif
  :: atomic {  /* send(2) begins */
       phase[c] == entered ->
       MUST(1, I1_a_send_after_the_acknowledgement, !acknowledged || !IS_COVERED(reading_of[c]));
       MUST(2, I2_a_byte_without_its_entry, kernel_forgot || HAS(disk, OPENING(reading_of[c])));
       if
       :: phase[1 - c] == sending && reading_of[0] == reading_of[1] -> REACHED("two sends under one lease")
       :: acknowledged -> REACHED("another fullmakt's reading goes on after the acknowledgement")
       :: else
       fi;
       sent[reading_of[c]] = true; phase[c] = sending
     }
#ifndef BUG_SENDS_THAT_BLOCK
  :: atomic { phase[c] == sending -> in_flight[reading_of[c]]--; phase[c] = may_send }
#endif
  :: atomic { phase[c] == may_send -> phase[c] = idle; reading_of[c] = 0 }  /* the client has enough */
  :: atomic {                                                              /* every byte was delivered: transfer_ended() */
       phase[c] == may_send && sent[reading_of[c]] && is_open[reading_of[c]] ->
       is_cut[reading_of[c]] = true;
#ifdef BUG_FORGOTTEN_BEFORE_THE_WAIT
       is_open[reading_of[c]] = false;
#endif
       phase[c] = closing
     }
  :: atomic {
       phase[c] == closing && in_flight[reading_of[c]] == 0 ->
       is_open[reading_of[c]] = false; phase[c] = idle; reading_of[c] = 0
     }
  od
}

/* Sends the same act until it is acknowledged. */
proctype Person() {
end_at_rest:
  do
  :: atomic { status == serving && !person_waits && !answers_person && !acknowledged -> person_waits = true }
  od
}

/* At any step: a kill leaves the page cache; a loss of power leaves what was synced, and perhaps what was not. */
proctype Trouble() {
end_at_rest:
  do
  :: atomic { crashes > 0 && (status == starting || status == serving) -> crashes--; lose_memory() }
  :: atomic {
       crashes > 0 && status != locked ->
       crashes--;
       if
       :: disk = cache
       :: cache = disk
       fi;
       kernel_forgot = false;
       lose_memory()
     }
  od
}

/* Has copies of the database of every time: puts one back while the gateway is down. Not the head file, nor the key store. */
proctype Adversary() {
end_at_rest:
  do
  :: atomic {
       status == down && !rolled_back && cache != 0 ->
       rolled_back = true; kernel_forgot = false;
       sent[0] = false; sent[1] = false; sent[2] = false; permitted[0] = false; permitted[1] = false; permitted[2] = false;
       do
       :: cache = cache >> 3;
          if
          :: cache != 0
          :: break
          fi
       od;
       disk = cache
     }
  od
}

init {
  atomic {
    was_asked[1] = READINGS < 3;
    run Connection(0);
    if
    :: CONNECTIONS > 1 -> run Connection(1)
    :: else
    fi;
    run Person(); run Trouble(); run Adversary()
  }
}

/* I5: under weak fairness, a revocation that is asked for is acknowledged, or the gateway is locked. */
ltl I5 { [] (person_waits -> <> (acknowledged || status == locked)) }
