/* SQLite's own check of the index. */
#include "base/fail.h"
#include "spool/sql.h"

#include <errno.h>
#include <string.h>

/* A page that cannot be read counts as damage to the check, which has no other
 * way to say so. These are its words; 7, 10 and 14 are SQLITE_NOMEM, _IOERR and
 * _CANTOPEN. */
static bool
is_unreadable(const char *text)
{
	const char *code = strstr(text, "error code=");
	int number = 0;

	if (strstr(text, "failed to get page") != NULL)
		return true;
	if (code == NULL)
		return false;
	for (code += strlen("error code="); *code >= '0' && *code <= '9';
	     code++)
		number = (number * 10 + *code - '0') & 0xffff;
	return (number & 0xff) == 7 || (number & 0xff) == 10 ||
	    (number & 0xff) == 14;
}

/* The kernel's word for it, if it is not lost. */
static int
fail_unreadable(const struct sql *sql)
{
	if (errno == 0)
		errno = EIO;
	return fail_errno("%s: check", sql_path(sql));
}

struct check {
	void (*report)(const char *text, void *context);
	void *context;
	int count;
};

static void
found(struct check *check, const char *text)
{
	check->count++;
	if (check->report != NULL)
		check->report(text, check->context);
}

static int
check_row(struct sql *sql, struct check *check)
{
	struct buf text = {0};
	int result = 0;

	buf_append_slice(&text, sql_bytes(sql, SQL_CHECK, 0));
	if (is_unreadable(buf_text(&text)))
		result = fail_unreadable(sql);
	else if (!slice_equal(buf_slice(&text), slice_of("ok")))
		found(check, buf_text(&text));
	buf_release(&text);
	return result;
}

/* What SQLite calls whole may be a schema of other words. */
static int
check_statements(struct sql *sql, struct check *check)
{
	int result = 0;

	for (int i = 0; i < SQL_STATEMENT_COUNT && result >= 0; i++) {
		result = sql_prepare(sql, (enum sql_statement)i);
		if (result != -FAIL_CORRUPT)
			continue;
		found(check, fail_message());
		return 0;
	}
	return result;
}

int
sql_check(struct sql *sql, void (*report)(const char *text, void *context),
    void *context)
{
	struct check check = {report, context, 0};
	int result = sql_first(sql, SQL_CHECK, SQL_NO_VALUES);

	while (result == 1) {
		result = check_row(sql, &check);
		if (result < 0)
			sql_done(sql, SQL_CHECK);
		else
			result = sql_next(sql, SQL_CHECK);
	}
	if (result >= 0 && check.count == 0)
		result = check_statements(sql, &check);
	return result < 0 ? result : check.count;
}
