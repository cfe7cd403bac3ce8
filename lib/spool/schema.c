/* The tables and views of index.db. */
#include "spool/schema.h"
#include "base/fail.h"

static const char text[] =
    "PRAGMA application_id = 1836149112;"
    
    "CREATE TABLE meta(key INTEGER PRIMARY KEY, value);"

    "CREATE TABLE topic("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " uuid BLOB NOT NULL UNIQUE,"
    " name TEXT NOT NULL);"

    /* Derived from the log: which dead letters a dead-letter topic
     * has. */
    "CREATE TABLE dead_log("
    " topic INTEGER PRIMARY KEY, next INTEGER NOT NULL,"
    " epoch INTEGER NOT NULL);"
    "CREATE TABLE dead_seen("
    " topic INTEGER NOT NULL, source BLOB NOT NULL, at INTEGER NOT NULL,"
    " PRIMARY KEY(topic, source)) WITHOUT ROWID;"

    /* Own truth. */
    "CREATE TABLE grp("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " name TEXT NOT NULL UNIQUE,"
    " mode INTEGER NOT NULL, created INTEGER NOT NULL,"
    " generation INTEGER NOT NULL DEFAULT 0,"
    " lease INTEGER NOT NULL DEFAULT 0,"
    " max_attempts INTEGER NOT NULL DEFAULT 0,"
    " backoff_low INTEGER NOT NULL DEFAULT -1,"
    " backoff_high INTEGER NOT NULL DEFAULT -1);"
    "CREATE TABLE sub("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " grp INTEGER NOT NULL, topic INTEGER NOT NULL,"
    " partition INTEGER NOT NULL,"
    " start INTEGER NOT NULL, next INTEGER NOT NULL,"
    " epoch INTEGER NOT NULL,"
    " owner_session INTEGER NOT NULL DEFAULT 0,"
    " generation INTEGER NOT NULL DEFAULT 0,"
    " dead_count INTEGER NOT NULL DEFAULT 0,"
    " seen INTEGER NOT NULL DEFAULT 0,"
    " UNIQUE(grp, topic, partition));"
    "CREATE TABLE range("
    " sub INTEGER NOT NULL, first INTEGER NOT NULL,"
    " last INTEGER NOT NULL, state INTEGER NOT NULL,"
    " attempt INTEGER NOT NULL DEFAULT 0,"
    " until INTEGER, duration INTEGER NOT NULL DEFAULT 0,"
    " token INTEGER NOT NULL DEFAULT 0,"
    " session INTEGER NOT NULL DEFAULT 0,"
    " key_hash INTEGER,"
    " PRIMARY KEY(sub, first)) WITHOUT ROWID;"
    "CREATE INDEX range_due ON range(sub, state, until)"
    " WHERE until IS NOT NULL;"
    "CREATE INDEX range_ready ON range(sub, first) WHERE state = 0;"
    "CREATE INDEX range_parked ON range(sub, first) WHERE state = 5;"
    "CREATE INDEX range_key ON range(sub, key_hash, first)"
    " WHERE key_hash IS NOT NULL;"
    /* Dead letters on their way back to their topic. */
    "CREATE TABLE redrive("
    " topic INTEGER NOT NULL, partition INTEGER NOT NULL,"
    " offset INTEGER NOT NULL, target INTEGER NOT NULL,"
    " target_partition INTEGER NOT NULL, next INTEGER NOT NULL,"
    " epoch INTEGER NOT NULL,"
    " PRIMARY KEY(topic, partition, offset)) WITHOUT ROWID;"
    "CREATE TABLE session("
    " id INTEGER PRIMARY KEY, pid INTEGER NOT NULL,"
    " grp INTEGER NOT NULL, heartbeat INTEGER NOT NULL,"
    " namespace INTEGER NOT NULL);"
    "CREATE INDEX session_grp ON session(grp);"
    "CREATE TABLE member("
    " topic INTEGER NOT NULL, session INTEGER NOT NULL,"
    " PRIMARY KEY(topic, session)) WITHOUT ROWID;"

    /* For people: sqlite3 SPOOL/index.db 'select * from lag'. It knows the
     * log's end as of the last time that the group was at it. */
    "CREATE VIEW groups AS SELECT g.name AS \"group\","
    " CASE g.mode WHEN 0 THEN 'none' WHEN 1 THEN 'key'"
    " ELSE 'partition' END AS \"order\","
    " t.name AS topic, s.partition, s.start, s.next,"
    " s.dead_count AS dead"
    " FROM sub s JOIN grp g ON g.id = s.grp"
    " JOIN topic t ON t.id = s.topic;"
    "CREATE VIEW leases AS SELECT g.name AS \"group\","
    " t.name AS topic, s.partition, r.first, r.last,"
    " CASE r.state WHEN 0 THEN 'ready' WHEN 3 THEN 'delayed'"
    " WHEN 5 THEN 'parked' ELSE 'leased' END AS state,"
    " r.attempt, r.until, r.session,"
    " (SELECT pid FROM session WHERE id = r.session) AS pid"
    " FROM range r JOIN sub s ON s.id = r.sub"
    " JOIN grp g ON g.id = s.grp JOIN topic t ON t.id = s.topic"
    " WHERE r.state <> 4;"
    "CREATE VIEW lag AS SELECT g.name AS \"group\", t.name AS topic,"
    " s.partition, s.start, s.next, max(s.seen, s.next) AS \"end\","
    " max(s.seen, s.next) - s.start"
    " - coalesce((SELECT sum(r.last - r.first + 1) FROM range r"
    "  WHERE r.sub = s.id AND r.state = 4), 0) AS lag"
    " FROM sub s JOIN grp g ON g.id = s.grp"
    " JOIN topic t ON t.id = s.topic;";

/* What version 2 added: the members that servers have in consumer groups, and
 * what these leave with the offsets that they commit. */
#define TABLES_OF_VERSION_2(kind) \
	"CREATE " kind " roster(" \
	" grp INTEGER PRIMARY KEY, session INTEGER NOT NULL," \
	" pid INTEGER NOT NULL, generation INTEGER NOT NULL," \
	" members INTEGER NOT NULL, protocol_type TEXT NOT NULL," \
	" protocol TEXT NOT NULL, leader TEXT NOT NULL);" \
	"CREATE " kind " roster_member(" \
	" grp INTEGER NOT NULL, position INTEGER NOT NULL," \
	" session_ms INTEGER NOT NULL, rebalance_ms INTEGER NOT NULL," \
	" id TEXT NOT NULL, instance TEXT NOT NULL, client TEXT NOT NULL," \
	" host TEXT NOT NULL, metadata BLOB, assignment BLOB," \
	" PRIMARY KEY(grp, position)) WITHOUT ROWID;" \
	"CREATE " kind " committed(" \
	" sub INTEGER PRIMARY KEY, epoch INTEGER NOT NULL," \
	" at INTEGER NOT NULL, metadata TEXT NOT NULL);"
static const char text_of_version_2[] = TABLES_OF_VERSION_2("TABLE");

/* What version 3 added: what groups are told once for all of their members,
 * also before they have any. */
#define TABLES_OF_VERSION_3(kind) \
	"CREATE " kind " group_setting(" \
	" name TEXT PRIMARY KEY, lease INTEGER NOT NULL," \
	" start_age INTEGER NOT NULL) WITHOUT ROWID;"
static const char text_of_version_3[] =
    TABLES_OF_VERSION_3("TABLE");

/* What version 4 added: more that groups are told. */
#define COLUMN(name) \
	"ALTER TABLE group_setting ADD COLUMN " name \
	" INTEGER NOT NULL DEFAULT 0;"
static const char text_of_version_4[] = "PRAGMA user_version = 4;"
    COLUMN("attempts") COLUMN("session") COLUMN("beat");
static const char view_of_version_3[] =
    "CREATE TEMP VIEW group_setting AS SELECT name, lease, start_age,"
    " 0 AS attempts, 0 AS session, 0 AS beat FROM main.group_setting;";

/* Free pages in the file, so that leases can be settled on a full disk. */
#define RESERVE \
	"CREATE TABLE reserve(x); INSERT INTO reserve" \
	" VALUES(zeroblob(262144)); DROP TABLE reserve;"

/* Pages of 1 KiB: a transaction changes a few hundred bytes in each of three,
 * and all of a page goes into the WAL. */
static int
make(struct sql *sql)
{
	int result = sql_script(sql, "PRAGMA page_size=1024;"
	    "PRAGMA journal_mode=WAL; BEGIN IMMEDIATE", "make");

	if (result == 0)
		result = sql_script(sql, text, "make the tables");
	if (result == 0)
		result = sql_script(sql, text_of_version_2, "make the tables");
	if (result == 0)
		result = sql_script(sql, text_of_version_3, "make the tables");
	if (result == 0)
		result = sql_script(sql, text_of_version_4, "make the tables");
	if (result == 0)
		result = sql_script(sql, RESERVE "COMMIT", "make the tables");
	return result < 0 ? result : sql_checkpoint(sql);
}

/* Somebody else may have done it since the version was read. */
static int
upgrade(struct sql *sql)
{
	int64_t version = 0;
	int result = sql_script(sql, "BEGIN IMMEDIATE", "upgrade");

	if (result == 0)
		result = sql_get(sql, SQL_VERSION, SQL_NO_VALUES, &version, 1);
	if (result >= 0 && version < 2)
		result = sql_script(sql, text_of_version_2, "upgrade");
	if (result >= 0 && version < 3)
		result = sql_script(sql, text_of_version_3, "upgrade");
	if (result >= 0 && version < 4)
		result = sql_script(sql, text_of_version_4, "upgrade");
	return result < 0 ? result : sql_script(sql, "COMMIT", "upgrade");
}

/* Who may not upgrade finds the tables that are missing empty. */
static int
pretend(struct sql *sql, int64_t version)
{
	int result = sql_script(sql, "PRAGMA temp_store = MEMORY",
	    "read an older version");

	if (result == 0 && version < 2)
		result = sql_script(sql, TABLES_OF_VERSION_2("TEMP TABLE"),
		    "read version 1");
	if (result == 0 && version < 3)
		result = sql_script(sql, TABLES_OF_VERSION_3("TEMP TABLE")
		    "ALTER TABLE temp.group_setting ADD COLUMN attempts;"
		    "ALTER TABLE temp.group_setting ADD COLUMN session;"
		    "ALTER TABLE temp.group_setting ADD COLUMN beat;",
		    "read version 2");
	else if (result == 0)
		result = sql_script(sql, view_of_version_3, "read version 3");
	return result;
}

int
schema_check(struct sql *sql, bool read_only)
{
	int64_t version = 0, application = 0;
	int result = sql_get(sql, SQL_VERSION, SQL_NO_VALUES, &version, 1);

	if (result >= 0)
		result = sql_get(sql, SQL_APPLICATION, SQL_NO_VALUES,
		    &application, 1);
	if (result < 0)
		return result;
	if (version == 0 && application == 0 && !read_only)
		return make(sql);
	/* Without the lock we may meet one that is being made: nobody has
	 * kept anything in it yet. */
	if (version == 0 && read_only)
		return fail(FAIL_MISSING, "%s: is being made", sql_path(sql));
	if (application != SCHEMA_APPLICATION || version < 1) {
		sql_break(sql);
		return fail(FAIL_CORRUPT, "%s: not an index of ours",
		    sql_path(sql));
	}
	if (version > SCHEMA_VERSION)
		return fail(FAIL_CONFIG,
		    "%s: made by a newer version (%lld, we know %d)",
		    sql_path(sql), (long long)version, SCHEMA_VERSION);
	if (read_only)
		return version == SCHEMA_VERSION ? 0 :
		    pretend(sql, version);
	result = sql_script(sql, "PRAGMA journal_mode=WAL", "use the WAL");
	return result < 0 || version == SCHEMA_VERSION ? result : upgrade(sql);
}
