/* Tables: alignment, ages, foreign bytes. */
#include "base/table.h"
#include "unit.h"

#include <string.h>

static bool
is_text(const struct table *table, const char *expected)
{
	struct buf out = {0};
	bool good;

	table_format(table, &out);
	good = strcmp(buf_text(&out), expected) == 0;
	if (!good)
		printf("# got:\n%s", buf_text(&out));
	buf_release(&out);
	return good;
}

static bool
is_age(int64_t ms, const char *expected)
{
	struct table table;
	bool good;

	table_init(&table, "AGE");
	table_add_age(&table, ms);
	good = strcmp((const char *)table.cells.data + 4, expected) == 0;
	table_release(&table);
	return good;
}

static bool
is_shown(const void *data, size_t size, size_t max, const char *expected)
{
	struct table table;
	bool good;

	table_init(&table, "B");
	table_add_bytes(&table, (struct slice){data, size}, max);
	good = strcmp((const char *)table.cells.data + 2, expected) == 0;
	table_release(&table);
	return good;
}

int
main(void)
{
	struct table table;

	table_init(&table, "NAME >COUNT LAST");
	CHECK(is_text(&table, "NAME  COUNT  LAST\n"),
	    "a table without rows is its titles");
	table_add(&table, "%s", "a long name");
	table_add_count(&table, 7);
	table_add(&table, "x");
	table_add(&table, "\xc3\xa4");
	table_add_count(&table, -1);
	table_add(&table, "y");
	CHECK(is_text(&table, "NAME         COUNT  LAST\n"
			      "a long name      7  x\n"
			      "\xc3\xa4                -  y\n"),
	    "columns are as wide as their widest cell, in characters");
	table_release(&table);
	CHECK(is_age(0, "0s") && is_age(999, "0s") && is_age(5000, "5s") &&
	    is_age(300000, "5m") && is_age(301000, "5m1s") &&
	    is_age(90061000, "1d1h") && is_age(86400000, "1d") &&
	    is_age(3601000, "1h") && is_age(-1, "-"),
	    "an age is given in two units at most");
	CHECK(is_shown("abc", 3, 10, "abc") &&
	    is_shown("a\n\x7f", 3, 10, "a\\x0a\\x7f") &&
	    is_shown("\xc3\xa4", 2, 10, "\xc3\xa4") &&
	    is_shown("\xe4", 1, 10, "\\xe4"),
	    "what is no text is shown as numbers");
	CHECK(is_shown("abcdef", 6, 3, "abc...") &&
	    is_shown("ab\xc3\xa4", 4, 3, "ab...") && is_shown(NULL, 0, 3, ""),
	    "what is long is cut between characters");
	return unit_end();
}
