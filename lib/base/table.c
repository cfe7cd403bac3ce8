/* Tables for people: aligned columns, into a buffer. */
#include "base/table.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"

static void
end_cell(struct table *table)
{
	buf_append_byte(&table->cells, '\0');
	table->count++;
}

void
table_init(struct table *table, const char *titles)
{
	memset(table, 0, sizeof *table);
	while (*titles && table->columns < TABLE_COLUMNS_MAX) {
		size_t size;

		table->is_right[table->columns] = *titles == '>';
		titles += *titles == '>';
		size = strcspn(titles, " ");
		buf_append(&table->cells, titles, size);
		end_cell(table);
		table->columns++;
		titles += size;
		titles += strspn(titles, " ");
	}
}

void
table_release(struct table *table)
{
	buf_release(&table->cells);
	memset(table, 0, sizeof *table);
}

void
table_add(struct table *table, const char *format, ...)
{
	char text[1024];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	buf_append_text(&table->cells, text);
	end_cell(table);
}

void
table_add_count(struct table *table, int64_t count)
{
	if (count < 0)
		table_add(table, "-");
	else
		table_add(table, "%" PRId64, count);
}

void
table_add_age(struct table *table, int64_t ms)
{
	static const struct {
		const char *name;
		int64_t seconds;
	} units[] = {{"d", 86400}, {"h", 3600}, {"m", 60}, {"s", 1}};
	int64_t left = ms / 1000;
	int named = 0;

	if (ms < 0) {
		table_add(table, "-");
		return;
	}
	for (size_t i = 0; i < 4 && named < 2; i++) {
		int64_t count = left / units[i].seconds;

		left %= units[i].seconds;
		if (count == 0 && (named == 0 || left == 0) && i < 3)
			continue;
		if (count != 0 || named == 0)
			buf_printf(&table->cells, "%" PRId64 "%s", count,
			    units[i].name);
		named++;
	}
	end_cell(table);
}

void
table_add_bytes(struct table *table, struct slice bytes, size_t max)
{
	const unsigned char *data = bytes.data;
	size_t size = bytes.size < max ? bytes.size : max;
	bool is_text;

	/* Never end inside a UTF-8 sequence. */
	while (size > 0 && size < bytes.size && (data[size] & 0xc0) == 0x80)
		size--;
	is_text = is_utf8((struct slice){data, size});
	for (size_t i = 0; i < size; i++) {
		bool is_plain = data[i] >= 0x80
				    ? is_text
				    : data[i] >= 0x20 && data[i] != 0x7f;

		if (is_plain)
			buf_append_byte(&table->cells, data[i]);
		else
			buf_printf(&table->cells, "\\x%02x", data[i]);
	}
	if (size < bytes.size)
		buf_append_text(&table->cells, "...");
	end_cell(table);
}

/* Columns that a text takes on a terminal, wide characters left aside. */
static size_t
text_width(const char *text)
{
	size_t width = 0;

	for (; *text; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

static void
append_spaces(struct buf *out, size_t count)
{
	while (count-- > 0)
		buf_append_byte(out, ' ');
}

void
table_format(const struct table *table, struct buf *out)
{
	size_t widths[TABLE_COLUMNS_MAX] = {0};
	const char *cell = (const char *)table->cells.data;

	for (size_t i = 0; i < table->count; i++) {
		size_t width = text_width(cell);
		size_t column = i % table->columns;

		if (widths[column] < width)
			widths[column] = width;
		cell += strlen(cell) + 1;
	}
	cell = (const char *)table->cells.data;
	for (size_t i = 0; i < table->count; i++) {
		int column = (int)(i % table->columns);
		bool is_last = column == table->columns - 1;
		size_t pad = widths[column] - text_width(cell);

		if (table->is_right[column])
			append_spaces(out, pad);
		buf_append_text(out, cell);
		if (!table->is_right[column] && !is_last)
			append_spaces(out, pad);
		buf_append_text(out, is_last ? "\n" : "  ");
		cell += strlen(cell) + 1;
	}
}
