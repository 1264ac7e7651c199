/** What outlives a boot. */
export const STATE_FOLDER = '/var/lib/lvsctl';
/** What a boot clears. */
export const RUN_FOLDER = '/run/lvsctl';

export const GENERATIONS = `${STATE_FOLDER}/generations`;
export const INTENT = `${STATE_FOLDER}/intent.json`;
export const OPERATOR = `${STATE_FOLDER}/operator.json`;
/** The rendered files as they were before the first generation, as long as that is not confirmed. */
export const FIRST_FILES = `${STATE_FOLDER}/files-before.json`;
export const POLLING = `${STATE_FOLDER}/polling`;
/** What the poller knows of the machines. */
export const ESTIMATOR = `${STATE_FOLDER}/estimator.json`;
/** What `realserver-setup --persist` has made. */
export const PERSISTED = `${STATE_FOLDER}/realserver.persisted`;
export const JOURNAL = `${STATE_FOLDER}/journal.jsonl`;
/** Old journals, `journal.jsonl.1` the newest of them. */
export const OLD_JOURNALS = 8;
/** Whether the journal has all that has happened since the boot. */
export const JOURNAL_WHOLE = `${RUN_FOLDER}/journal-whole`;
/** One poll at a time. */
export const POLL_LOCK = `${RUN_FOLDER}/poll.lock`;
export const LOCK = `${RUN_FOLDER}/lock`;
export const HEALTH = `${RUN_FOLDER}/health.json`;
/** What keepalived held down when it was last asked. */
export const HELD = `${RUN_FOLDER}/held.json`;
export const LINGERING = `${RUN_FOLDER}/lingering.json`;
export const INBOX = `${RUN_FOLDER}/inbox`;
/** `lvs.alert` holds it while it has lvsctl started; a lock, and empty. */
export const TURN = `${RUN_FOLDER}/turn`;
/** What is still to be told of servers that died or returned, and messages on their way. */
export const NOTICES = `${RUN_FOLDER}/notices.json`;
export const OUTBOX = `${RUN_FOLDER}/outbox`;
/** When each server was heard of last. */
export const HEARD = `${RUN_FOLDER}/heard.json`;

/** Everybody may read state: nothing in it is secret, but for what is kept of others' files. */
export const READABLE = 0o644;
export const PRIVATE = 0o600;
export const FOLDER = 0o755;
