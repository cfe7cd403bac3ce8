/* Every SQL statement of the project: STATEMENT(NAME, text). Included by sql.h
 * and sql.c. */

/* Transactions, and what the index knows of itself. */
STATEMENT(BEGIN, "BEGIN IMMEDIATE")
STATEMENT(SNAPSHOT, "BEGIN")
STATEMENT(COMMIT, "COMMIT")
STATEMENT(ROLLBACK, "ROLLBACK")
STATEMENT(VERSION, "PRAGMA user_version")
STATEMENT(APPLICATION, "PRAGMA application_id")
STATEMENT(CHECK, "PRAGMA integrity_check(20)")
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

/* Subscriptions. */
STATEMENT(SUB_FIND,
    "SELECT id FROM sub WHERE grp = ?1 AND topic = ?2 AND partition = ?3")
STATEMENT(SUB_ANY, "SELECT 1 FROM sub WHERE grp = ?1 AND topic = ?2 LIMIT 1")
STATEMENT(SUB_ADD,
    "INSERT INTO sub(grp, topic, partition, start, next, epoch)"
    " VALUES(?1, ?2, ?3, ?4, ?4, ?5)")
STATEMENT(SUB_GET,
    "SELECT start, next, epoch, owner_session, generation, dead_count"
    " FROM sub WHERE id = ?1")
STATEMENT(SUB_SET,
    "UPDATE sub SET start = ?2, next = ?3, epoch = ?4, owner_session = ?5,"
    " dead_count = ?6, seen = ?7 WHERE id = ?1")
STATEMENT(SUB_RESET,
    "UPDATE sub SET start = ?2, next = ?2, epoch = ?3,"
    " generation = generation + 1 WHERE id = ?1")
STATEMENT(SUB_ADD_DEAD,
    "UPDATE sub SET dead_count = dead_count + ?2 WHERE id = ?1")
STATEMENT(SUB_DROP_RANGES, "DELETE FROM range WHERE sub = ?1")
STATEMENT(SUB_CUT_RANGES, "DELETE FROM range WHERE sub = ?1 AND first >= ?2")
STATEMENT(SUB_CUT_LAST,
    "UPDATE range SET last = ?2 - 1 WHERE sub = ?1 AND first ="
    " (SELECT max(first) FROM range WHERE sub = ?1) AND last >= ?2")
STATEMENT(SUB_TRIM_RANGES,
    "DELETE FROM range WHERE sub = ?1 AND first < ?2 AND last < ?2")

/* Ranges; the columns in the order of struct range. */
#define RANGE_COLUMNS \
	" first, last, state, attempt, until, duration, token, session," \
	" key_hash "
STATEMENT(RANGE_BEFORE,
    "SELECT" RANGE_COLUMNS "FROM range WHERE sub = ?1 AND first <= ?2"
    " ORDER BY first DESC LIMIT 1")
STATEMENT(RANGE_AFTER,
    "SELECT" RANGE_COLUMNS "FROM range WHERE sub = ?1 AND first >= ?2"
    " ORDER BY first LIMIT 1")
STATEMENT(RANGE_READY,
    "SELECT" RANGE_COLUMNS "FROM range WHERE sub = ?1 AND state = 0"
    " ORDER BY first LIMIT 1")
#undef RANGE_COLUMNS
STATEMENT(RANGE_ADD,
    "INSERT INTO range VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)")
STATEMENT(RANGE_DROP, "DELETE FROM range WHERE sub = ?1 AND first = ?2")
STATEMENT(RANGE_SET_LAST,
    "UPDATE range SET last = ?3 WHERE sub = ?1 AND first = ?2")
STATEMENT(RANGE_IS_DUE,
    "SELECT 1 FROM range WHERE sub = ?1 AND state IN (1, 2, 3)"
    " AND until <= ?2 LIMIT 1")
STATEMENT(RANGE_PROMOTE,
    "UPDATE range SET state = 0, until = NULL, session = 0"
    " WHERE sub = ?1 AND first IN (SELECT first FROM range"
    " WHERE sub = ?1 AND state = ?2 AND until <= ?3"
    " ORDER BY until LIMIT 256)")
STATEMENT(RANGE_NEXT_DUE,
    "SELECT min(until) FROM range WHERE sub = ?1 AND state = ?2"
    " AND until IS NOT NULL")

/* ORDER_KEY. */
STATEMENT(KEY_EXISTS,
    "SELECT 1 FROM range WHERE sub = ?1 AND key_hash = ?2 LIMIT 1")
STATEMENT(KEY_LOWEST,
    "SELECT first, state FROM range WHERE sub = ?1 AND key_hash = ?2"
    " ORDER BY first LIMIT 1")
STATEMENT(KEY_UNPARK,
    "UPDATE range SET state = 0 WHERE sub = ?1 AND first = ?2")
STATEMENT(KEY_UNPARK_ALL,
    "UPDATE range AS r SET state = 0 WHERE r.sub = ?1 AND r.state = 5"
    " AND NOT EXISTS (SELECT 1 FROM range AS q WHERE q.sub = r.sub"
    " AND q.key_hash = r.key_hash AND q.first < r.first)")
STATEMENT(PARKED_COUNT,
    "SELECT count(*) FROM (SELECT 1 FROM range WHERE sub = ?1"
    " AND state = 5 LIMIT ?2)")

/* Dead letters that a dead-letter topic has. */
STATEMENT(DEAD_LOG_GET, "SELECT next, epoch FROM dead_log WHERE topic = ?1")
STATEMENT(DEAD_LOG_SET,
    "INSERT OR REPLACE INTO dead_log(topic, next, epoch)"
    " VALUES(?1, ?2, ?3)")
STATEMENT(DEAD_FIND,
    "SELECT at FROM dead_seen WHERE topic = ?1 AND source = ?2")
STATEMENT(DEAD_SEEN,
    "INSERT OR REPLACE INTO dead_seen(topic, source, at)"
    " VALUES(?1, ?3, ?2)")
STATEMENT(DEAD_FORGET,
    "DELETE FROM dead_seen WHERE source >= ?1 AND source < ?2")
STATEMENT(DEAD_CUT, "DELETE FROM dead_seen WHERE topic = ?1 AND at >= ?2")

/* Sessions. */
STATEMENT(SESSION_ADD,
    "INSERT OR REPLACE INTO session(id, pid, grp, heartbeat, namespace)"
    " VALUES(?1, ?2, ?3, ?4, ?5)")
STATEMENT(SESSION_IS_THERE, "SELECT heartbeat FROM session WHERE id = ?1")
STATEMENT(SESSION_BEAT, "UPDATE session SET heartbeat = ?2 WHERE id = ?1")
STATEMENT(SESSION_LIST,
    "SELECT id, pid, heartbeat, namespace FROM session WHERE grp = ?1"
    " ORDER BY id")
STATEMENT(SESSION_DROP, "DELETE FROM session WHERE id = ?1")
STATEMENT(SESSION_FREE_RANGES,
    "UPDATE range SET state = 0, until = NULL, session = 0, token = 0,"
    " attempt = attempt - ?3"
    " WHERE sub IN (SELECT id FROM sub WHERE grp = ?1)"
    " AND state = 2 AND until IS NOT NULL AND session = ?2")
STATEMENT(SESSION_FREE_SUBS,
    "UPDATE sub SET owner_session = 0 WHERE grp = ?1"
    " AND owner_session = ?2")
STATEMENT(SESSION_FREE_MEMBER, "DELETE FROM member WHERE session = ?1")

/* Groups and members. */
STATEMENT(GROUP_FIND,
    "SELECT id, mode, generation, lease, max_attempts, backoff_low,"
    " backoff_high FROM grp WHERE name = ?1")
STATEMENT(GROUP_ADD,
    "INSERT INTO grp(mode, created, name) VALUES(?1, ?2, ?3)")
STATEMENT(GROUP_SET_MODE, "UPDATE grp SET mode = ?2 WHERE id = ?1")
STATEMENT(GROUP_SET_POLICY,
    "UPDATE grp SET lease = ?2, max_attempts = ?3, backoff_low = ?4,"
    " backoff_high = ?5 WHERE id = ?1")
STATEMENT(GROUP_SETTING_GET,
    "SELECT lease, start_age, attempts, session, beat FROM group_setting"
    " WHERE name = ?1")
STATEMENT(GROUP_SETTING_SET,
    "INSERT OR REPLACE INTO"
    " group_setting(lease, start_age, attempts, session, beat, name)"
    " VALUES(?1, ?2, ?3, ?4, ?5, ?6)")
STATEMENT(GROUP_SETTING_DROP,
    "DELETE FROM group_setting WHERE name = ?1")
STATEMENT(GROUP_SETTING_FORGET,
    "DELETE FROM group_setting WHERE name = ?1"
    " AND NOT EXISTS(SELECT 1 FROM grp WHERE name = ?1)")
STATEMENT(GROUP_IS_BUSY,
    "SELECT 1 FROM sub JOIN range ON range.sub = sub.id"
    " WHERE sub.grp = ?1 AND range.state <> 4 LIMIT 1")
STATEMENT(GROUP_CHANGED,
    "UPDATE grp SET generation = generation + 1 WHERE id = ?1")
STATEMENT(GROUP_GENERATION, "SELECT generation FROM grp WHERE id = ?1")
STATEMENT(MEMBER_ADD,
    "INSERT OR REPLACE INTO member(topic, session) VALUES(?1, ?2)")
STATEMENT(MEMBER_LIST,
    "SELECT member.session FROM member JOIN session"
    " ON session.id = member.session"
    " WHERE member.topic = ?1 AND session.grp = ?2"
    " ORDER BY member.session")
STATEMENT(HELD_ANY,
    "SELECT 1 FROM range WHERE sub = ?1 AND state = 2"
    " AND until IS NOT NULL LIMIT 1")
/* Rosters and committed offsets: what Kafka's consumer groups leave. */
STATEMENT(ROSTER_LIVING,
    "SELECT session, members, pid FROM roster WHERE grp = ?1")
STATEMENT(ROSTER_DROP, "DELETE FROM roster WHERE grp = ?1")
STATEMENT(ROSTER_DROP_MEMBERS, "DELETE FROM roster_member WHERE grp = ?1")
STATEMENT(ROSTER_ADD,
    "INSERT INTO roster(grp, session, pid, generation, members,"
    " protocol_type, protocol, leader)"
    " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")
STATEMENT(ROSTER_ADD_MEMBER,
    "INSERT INTO roster_member(grp, position, session_ms, rebalance_ms, id,"
    " instance, client, host, metadata, assignment)"
    " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)")
STATEMENT(ROSTER_SESSIONS,
    "SELECT r.grp, r.session, g.mode FROM roster r JOIN grp g ON g.id = r.grp"
    " WHERE r.members > 0")
STATEMENT(ROSTER_ADOPT,
    "UPDATE roster SET session = ?2, pid = ?3 WHERE grp = ?1")
STATEMENT(ROSTER_EMPTY,
    "UPDATE roster SET session = 0, pid = 0, members = 0"
    " WHERE grp = ?1 AND members > 0")
STATEMENT(ROSTER_LIST,
    "SELECT r.grp, r.generation, g.name, r.protocol_type, r.protocol,"
    " r.leader FROM roster r JOIN grp g ON g.id = r.grp"
    " WHERE r.members = 0 OR r.session = ?1")
STATEMENT(ROSTER_MEMBERS,
    "SELECT session_ms, rebalance_ms, id, instance, client, host, metadata,"
    " assignment FROM roster_member WHERE grp = ?1 ORDER BY position")
STATEMENT(COMMITTED_SET,
    "INSERT OR REPLACE INTO committed(sub, epoch, at, metadata)"
    " VALUES(?1, ?2, ?3, ?4)")
STATEMENT(COMMITTED_GET,
    "SELECT s.start, coalesce(c.epoch, -1), coalesce(c.metadata, '')"
    " FROM sub s LEFT JOIN committed c ON c.sub = s.id"
    " WHERE s.grp = ?1 AND s.topic = ?2 AND s.partition = ?3")
STATEMENT(COMMITTED_LIST,
    "SELECT s.partition, t.name FROM sub s JOIN grp g ON g.id = s.grp"
    " JOIN topic t ON t.id = s.topic WHERE g.name = ?1"
    " ORDER BY t.name, s.partition")
STATEMENT(COMMITTED_DROP, "DELETE FROM committed WHERE sub = ?1")
STATEMENT(COMMITTED_TEXT, "SELECT metadata FROM committed WHERE sub = ?1")
STATEMENT(SESSION_ANY, "SELECT 1 FROM session WHERE grp = ?1 LIMIT 1")

/* What people ask: groups on partitions, and their counts. '' is any name; a
 * group with a '@' is the toolkit's own. Offsets above ?3 are void. */
STATEMENT(STATE_ROWS,
    "SELECT g.name, t.name, t.uuid, s.partition, g.mode, s.id, g.id, t.id,"
    " s.start, s.next, s.epoch, s.dead_count"
    " FROM sub s JOIN grp g ON g.id = s.grp JOIN topic t ON t.id = s.topic"
    " WHERE CASE ?1 WHEN '' THEN g.name NOT LIKE '@%' ELSE g.name = ?1 END"
    " AND (?2 = '' OR t.name = ?2) ORDER BY g.name, t.name, s.partition")
STATEMENT(STATE_COUNTS,
    "SELECT state, session, coalesce(until <= ?2, 0),"
    " sum(min(last, ?3) - first + 1) FROM range"
    " WHERE sub = ?1 AND first <= ?3 GROUP BY 1, 2, 3")
STATEMENT(STATE_LEASES,
    "SELECT r.first, r.last, r.state, r.attempt, r.until, r.session,"
    " coalesce(x.pid, 0) FROM range r LEFT JOIN session x ON x.id = r.session"
    " WHERE r.sub = ?1 AND r.state IN (1, 2, 3) AND r.until > ?2"
    " ORDER BY r.first")
STATEMENT(STATE_SESSIONS, "SELECT id FROM session WHERE grp = ?1")
STATEMENT(STATE_GROUPS,
    "SELECT id, name FROM grp"
    " WHERE CASE ?1 WHEN '' THEN name NOT LIKE '@%' ELSE name = ?1 END"
    " ORDER BY name")
STATEMENT(STATE_PIDS,
    "SELECT id, pid FROM session WHERE grp = ?1 ORDER BY id")
STATEMENT(STATE_GROUP, "SELECT id FROM grp WHERE name = ?1")

/* Deleting groups. */
STATEMENT(SUB_DELETE, "DELETE FROM sub WHERE id = ?1")
STATEMENT(GROUP_DELETE,
    "DELETE FROM grp WHERE id = ?1"
    " AND NOT EXISTS(SELECT 1 FROM sub WHERE grp = ?1)")

/* Dead letters that were redriven or dropped, and those on their way. */
STATEMENT(LETTERS_SETTLED,
    "SELECT first, last FROM range WHERE sub = ?1 AND state = 4"
    " AND first <= ?2 ORDER BY first")
STATEMENT(LETTERS_GROUP,
    "INSERT OR IGNORE INTO grp(created, name, mode) VALUES(?1, ?2, 0)")
STATEMENT(REDRIVE_GET,
    "SELECT target, target_partition, next, epoch FROM redrive"
    " WHERE topic = ?1 AND partition = ?2 AND offset = ?3")
STATEMENT(REDRIVE_PLAN,
    "INSERT OR REPLACE INTO redrive(topic, partition, offset, target,"
    " target_partition, next, epoch) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)")
STATEMENT(REDRIVE_FORGET,
    "DELETE FROM redrive WHERE topic = ?1 AND partition = ?2 AND offset = ?3")

/* Checks: rows that hang on nothing, and ranges that contradict others. */
STATEMENT(CHECK_ORPHANS,
    "SELECT (SELECT count(*) FROM range"
    " WHERE sub NOT IN (SELECT id FROM sub))"
    " + (SELECT count(*) FROM sub WHERE grp NOT IN (SELECT id FROM grp)"
    " OR topic NOT IN (SELECT id FROM topic))")
STATEMENT(CHECK_STRANGERS,
    "SELECT (SELECT count(*) FROM roster"
    " WHERE grp NOT IN (SELECT id FROM grp))"
    " + (SELECT count(*) FROM roster_member"
    " WHERE grp NOT IN (SELECT grp FROM roster)"
    " OR grp NOT IN (SELECT id FROM grp))"
    " + (SELECT count(*) FROM committed"
    " WHERE sub NOT IN (SELECT id FROM sub))")
STATEMENT(CHECK_MISCOUNTED,
    "SELECT count(*) FROM roster r JOIN grp g ON g.id = r.grp"
    " WHERE r.members <>"
    " (SELECT count(*) FROM roster_member m WHERE m.grp = r.grp)")
STATEMENT(CHECK_DROP_SUBS,
    "DELETE FROM sub WHERE grp NOT IN (SELECT id FROM grp)"
    " OR topic NOT IN (SELECT id FROM topic)")
STATEMENT(CHECK_DROP_RANGES,
    "DELETE FROM range WHERE sub NOT IN (SELECT id FROM sub)")
STATEMENT(CHECK_DROP_COMMITTED,
    "DELETE FROM committed WHERE sub NOT IN (SELECT id FROM sub)")
STATEMENT(CHECK_DROP_ROSTERS,
    "DELETE FROM roster WHERE grp NOT IN (SELECT id FROM grp)")
STATEMENT(CHECK_DROP_MEMBERS,
    "DELETE FROM roster_member WHERE grp NOT IN (SELECT grp FROM roster)")
STATEMENT(CHECK_COUNT_MEMBERS,
    "UPDATE roster SET members = (SELECT count(*) FROM roster_member m"
    " WHERE m.grp = roster.grp)")
STATEMENT(CHECK_RANGES,
    "SELECT count(*) FROM range r JOIN sub s ON s.id = r.sub"
    " WHERE r.sub = ?1 AND (r.last < r.first OR r.first < s.start"
    " OR r.last >= s.next OR (r.until IS NULL) = (r.state IN (1, 2, 3))"
    " OR r.state NOT BETWEEN 0 AND 5 OR r.duration < 0"
    " OR r.attempt NOT BETWEEN 0 AND 2147483646"
    " OR EXISTS(SELECT 1 FROM range q WHERE q.sub = r.sub"
    " AND q.first > r.first AND q.first <= r.last))")
/* Of one sub, or all (0): how many have messages between start and next that no
 * range knows of. Nobody would ever get them. */
STATEMENT(CHECK_HOLES,
    "SELECT count(*) FROM sub s WHERE (?1 = 0 OR s.id = ?1)"
    " AND s.next - s.start > coalesce((SELECT sum(r.last - r.first + 1)"
    " FROM range r WHERE r.sub = s.id), 0)")

/* Topics that are gone, and all that is derived from logs. */
STATEMENT(SWEEP_TOPICS, "SELECT id, uuid FROM topic")
STATEMENT(SWEEP_RANGES,
    "DELETE FROM range WHERE sub IN (SELECT id FROM sub WHERE topic = ?1)")
STATEMENT(SWEEP_COMMITTED,
    "DELETE FROM committed"
    " WHERE sub IN (SELECT id FROM sub WHERE topic = ?1)")
STATEMENT(SWEEP_SUBS, "DELETE FROM sub WHERE topic = ?1")
STATEMENT(SWEEP_DEAD_LOG, "DELETE FROM dead_log WHERE topic = ?1")
STATEMENT(SWEEP_DEAD_SEEN, "DELETE FROM dead_seen WHERE topic = ?1")
STATEMENT(SWEEP_REDRIVE,
    "DELETE FROM redrive WHERE topic = ?1 OR target = ?1")
STATEMENT(SWEEP_TOPIC, "DELETE FROM topic WHERE id = ?1")
STATEMENT(REBUILD_DEAD_LOG, "DELETE FROM dead_log")
STATEMENT(REBUILD_DEAD_SEEN, "DELETE FROM dead_seen")
