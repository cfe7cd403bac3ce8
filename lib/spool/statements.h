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

/* Positions of a partition in its log. */
STATEMENT(PART_GET,
    "SELECT indexed_end, epoch FROM part WHERE topic = ?1 AND partition = ?2")
STATEMENT(PART_SET,
    "INSERT OR REPLACE INTO part(topic, partition, indexed_end, segment, byte,"
    " epoch) VALUES(?1, ?2, ?3, ?4, ?5, ?6)")
STATEMENT(POSITION_ADD,
    "INSERT OR REPLACE INTO position(topic, partition, offset, segment, byte,"
    " timestamp) VALUES(?1, ?2, ?3, ?4, ?5, ?6)")
STATEMENT(POSITION_CUT,
    "DELETE FROM position WHERE topic = ?1 AND partition = ?2"
    " AND offset >= ?3")
STATEMENT(POSITION_TRIM,
    "DELETE FROM position WHERE topic = ?1 AND partition = ?2"
    " AND offset < ?3")
STATEMENT(POSITION_FIND,
    "SELECT offset, segment, byte, timestamp FROM position"
    " WHERE topic = ?1 AND partition = ?2 AND offset <= min(?3, ?4)"
    " ORDER BY offset DESC LIMIT 1")
STATEMENT(POSITION_FIND_TIME,
    "SELECT offset, segment, byte, timestamp FROM position"
    " WHERE topic = ?1 AND partition = ?2 AND timestamp < ?3 AND offset <= ?4"
    " ORDER BY offset DESC LIMIT 1")
