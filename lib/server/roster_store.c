/* Rosters to and from the index, by its thread. */
#include "server/roster_store.h"

#include "base/fail.h"
#include "server/roster_protocol.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A copy of a roster's rows that belongs to a task. */
struct copy {
	struct roster_row row;
	struct roster_row_member *members;
	struct copy *next;
};

struct keep {
	struct task task;
	struct rosters *rosters;
	struct copy copy;
	int failed;
	char why[256];
	void (*stored)(struct roster *roster, int failed);
};

struct load {
	struct task task;
	struct rosters *rosters;
	struct copy *copies;
	int failed;
	char why[256];
	void (*loaded)(struct rosters *rosters);
};

static const char *
copy_text(const char *text)
{
	return memory_copy_text(text == NULL ? "" : text);
}

static struct slice
copy_slice(struct slice slice)
{
	return (struct slice){slice_copy(slice), slice.size};
}

static void
copy_member(struct roster_row_member *copy,
    const struct roster_row_member *member)
{
	*copy = *member;
	copy->id = copy_text(member->id);
	if (member->instance != NULL)
		copy->instance = copy_text(member->instance);
	copy->client_id = copy_text(member->client_id);
	copy->client_host = copy_text(member->client_host);
	copy->metadata = copy_slice(member->metadata);
	copy->assignment = copy_slice(member->assignment);
}

static void
copy_row(struct copy *copy, const struct roster_row *row)
{
	copy->row = *row;
	copy->row.group = copy_text(row->group);
	copy->row.protocol_type = copy_text(row->protocol_type);
	copy->row.protocol = copy_text(row->protocol);
	copy->row.leader = copy_text(row->leader);
	copy->members = memory_alloc((row->count + 1) * sizeof *copy->members);
	for (size_t i = 0; i < row->count; i++)
		copy_member(&copy->members[i], &row->members[i]);
	copy->row.members = copy->members;
}

static void
free_copy(struct copy *copy)
{
	for (size_t i = 0; i < copy->row.count; i++) {
		struct roster_row_member *member = &copy->members[i];

		free((char *)member->id);
		free((char *)member->instance);
		free((char *)member->client_id);
		free((char *)member->client_host);
		free((void *)member->metadata.data);
		free((void *)member->assignment.data);
	}
	free(copy->members);
	free((char *)copy->row.group);
	free((char *)copy->row.protocol_type);
	free((char *)copy->row.protocol);
	free((char *)copy->row.leader);
}

static void
begin_keep(struct task *task, struct storage *storage)
{
	struct keep *keep = (struct keep *)task;
	struct roster_book *book;

	keep->failed = storage_book(storage, &book);
	if (keep->failed == 0)
		keep->failed = roster_book_store(book, &keep->copy.row);
	if (keep->failed < 0)
		strncpy(keep->why, fail_message(), sizeof keep->why - 1);
}

static void
finish_keep(struct task *task, struct storage *storage)
{
	struct keep *keep = (struct keep *)task;
	struct roster_book *book;

	if (keep->failed < 0)
		return;
	keep->failed = storage_book(storage, &book);
	if (keep->failed == 0)
		keep->failed = roster_book_durable(book);
	if (keep->failed < 0)
		strncpy(keep->why, fail_message(), sizeof keep->why - 1);
}

/* Meanwhile the group may have gone on, or away. */
static void
end_keep(struct task *task)
{
	struct keep *keep = (struct keep *)task;
	struct roster *roster = rosters_find(keep->rosters,
	    slice_of(keep->copy.row.group), false);

	if (keep->failed < 0)
		server_say(rosters_server(keep->rosters), "%s", keep->why);
	if (roster != NULL && keep->stored != NULL &&
	    roster->generation == keep->copy.row.generation)
		keep->stored(roster, keep->failed);
	free_copy(&keep->copy);
	free(keep);
}

/* Views of the roster, in the shape of the rows. */
static struct roster_row_member *
list_members(const struct roster *roster)
{
	struct roster_row_member *rows = memory_alloc(
	    ((size_t)roster->member_count + 1) * sizeof *rows);
	size_t i = 0;

	for (const struct roster_member *member = roster->members;
	    member != NULL; member = member->next)
		rows[i++] = (struct roster_row_member){
			.id = member->id,
			.instance = member->instance,
			.client_id = member->client_id,
			.client_host = member->client_host,
			.session_ms = member->session_ms,
			.rebalance_ms = member->rebalance_ms,
			.metadata = roster_member_metadata(member),
			.assignment = buf_slice(&member->assignment),
		};
	return rows;
}

void
roster_store(struct roster *roster,
    void (*stored)(struct roster *roster, int failed))
{
	struct keep *keep = memory_alloc(sizeof *keep);
	struct roster_row_member *members = list_members(roster);
	struct roster_row row = {
		.group = roster->id,
		.generation = roster->generation,
		.protocol_type = roster->protocol_type,
		.protocol = roster->protocol,
		.leader = roster->leader == NULL ? "" : roster->leader->id,
		.members = members,
		.count = (size_t)roster->member_count,
	};

	copy_row(&keep->copy, &row);
	free(members);
	keep->rosters = roster->rosters;
	keep->stored = stored;
	keep->task.begin = begin_keep;
	keep->task.finish = finish_keep;
	keep->task.done = end_keep;
	tasks_add(rosters_server(roster->rosters)->index, &keep->task);
}

static void
add_copy(const struct roster_row *row, void *context)
{
	struct load *load = context;
	struct copy *copy = memory_alloc(sizeof *copy);

	copy_row(copy, row);
	copy->next = load->copies;
	load->copies = copy;
}

static void
begin_load(struct task *task, struct storage *storage)
{
	struct load *load = (struct load *)task;
	struct roster_book *book;

	load->failed = storage_book(storage, &book);
	if (load->failed == 0)
		load->failed = roster_book_load(book, add_copy, load);
	if (load->failed < 0)
		snprintf(load->why, sizeof load->why, "%s", fail_message());
}

static void
restore_member(struct roster *roster, const struct roster_row_member *row)
{
	struct slice instance = {row->instance,
	    row->instance == NULL ? 0 : strlen(row->instance)};
	struct roster_member *member = roster_add(roster, slice_of(row->id),
	    instance);

	member->client_id = memory_copy_text(row->client_id);
	member->client_host = memory_copy_text(row->client_host);
	member->session_ms = row->session_ms;
	member->rebalance_ms = row->rebalance_ms;
	member->protocols = memory_alloc(sizeof *member->protocols);
	member->protocol_count = 1;
	member->protocols[0].name = memory_copy_text(roster->protocol);
	buf_append_slice(&member->protocols[0].metadata, row->metadata);
	buf_append_slice(&member->assignment, row->assignment);
	roster_count_memory(member);
	roster_touch(member);
}

static void
restore(struct rosters *rosters, const struct roster_row *row)
{
	struct roster *roster = rosters_find(rosters, slice_of(row->group),
	    true);

	if (roster == NULL)
		return;
	roster->generation = row->generation;
	roster->protocol_type = memory_copy_text(row->protocol_type);
	if (row->count == 0)
		return;
	roster->protocol = memory_copy_text(row->protocol);
	for (size_t i = 0; i < row->count; i++)
		restore_member(roster, &row->members[i]);
	roster->leader = roster_member(roster, slice_of(row->leader));
	if (roster->leader == NULL)
		roster->leader = roster->members;
	roster->state = ROSTER_STABLE;
}

static void
end_load(struct task *task)
{
	struct load *load = (struct load *)task;

	if (load->failed < 0)
		server_say(rosters_server(load->rosters),
		    "groups begin without members: %s", load->why);
	while (load->copies != NULL) {
		struct copy *copy = load->copies;

		load->copies = copy->next;
		restore(load->rosters, &copy->row);
		free_copy(copy);
		free(copy);
	}
	load->loaded(load->rosters);
	free(load);
}

void
roster_load_all(struct rosters *rosters,
    void (*loaded)(struct rosters *rosters))
{
	struct load *load = memory_alloc(sizeof *load);

	load->rosters = rosters;
	load->loaded = loaded;
	load->task.begin = begin_load;
	load->task.done = end_load;
	tasks_add(rosters_server(rosters)->index, &load->task);
}
