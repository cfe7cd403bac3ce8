/* Every SQL statement of the project: STATEMENT(NAME, text). Included by sql.h and sql.c. */

/* Transactions, and what the index knows of itself. */
STATEMENT(BEGIN, "BEGIN IMMEDIATE")
STATEMENT(SNAPSHOT, "BEGIN")
STATEMENT(COMMIT, "COMMIT")
STATEMENT(META_GET, "SELECT value FROM meta WHERE key = ?1")
STATEMENT(META_SET,
    "INSERT OR REPLACE INTO meta(key, value) VALUES(?1, ?2)")
STATEMENT(REBOOT_RANGES,
    "UPDATE range SET until = ?1 + min(duration, ?2) WHERE until IS NOT NULL")
STATEMENT(REBOOT_SESSIONS, "UPDATE session SET heartbeat = 0")

/* Topics by their 128-bit id. */
STATEMENT(TOPIC_GET, "SELECT id, name FROM topic WHERE uuid = ?1")
STATEMENT(TOPIC_ADD, "INSERT INTO topic(uuid, name) VALUES(?1, ?2)")
STATEMENT(TOPIC_RENAME, "UPDATE topic SET name = ?2 WHERE id = ?1")
