/* What a disk may hold after a power cut: following a trace. */
#include "model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

const char *
record_name(const struct trace_record *record)
{
	return (const char *)(record + 1);
}

const char *
record_to_name(const struct trace_record *record)
{
	return record_name(record) + record->name_size;
}

const unsigned char *
record_data(const struct trace_record *record)
{
	return (const unsigned char *)record_to_name(record) +
	    record->to_name_size;
}

bool
is_name_op(const struct trace_record *record)
{
	return record->op == TRACE_CREATE ||
	    record->op == TRACE_MAKE_DIRECTORY ||
	    record->op == TRACE_UNLINK || record->op == TRACE_RENAME;
}

static int
find_node(const struct model *model, uint64_t file)
{
	for (int i = model->node_count - 1; i >= 0; i--) {
		if (model->nodes[i].file == file)
			return i;
	}
	return -1;
}

static int
add_node(struct model *model, uint64_t file, bool is_directory)
{
	int old = find_node(model, file);

	if (model->node_count == NODES_MAX) {
		fprintf(stderr, "crash: the trace has too many files\n");
		exit(70);
	}
	if (old >= 0)
		model->nodes[old].file = 0;
	model->nodes[model->node_count] = (struct node){
		.file = file,
		.is_directory = is_directory,
	};
	return model->node_count++;
}

int
model_open(struct model *model, const struct trace *trace, const char *root)
{
	struct stat status;

	*model = (struct model){.trace = trace};
	if (stat(root, &status) != 0)
		return -1;
	return add_node(model, status.st_ino, true);
}

static void
borrow(struct node *to, const struct node *from)
{
	*to = *from;
	to->is_borrowed = true;
}

void
model_open_image(struct model *model, const struct image *image)
{
	*model = (struct model){.node_count = image->node_count};
	for (int i = 0; i < image->node_count; i++) {
		borrow(&model->nodes[i], &image->nodes[i]);
		model->nodes[i].file = (uint64_t)i + 1;
	}
}

/* Before a change: its own bytes and entries. */
static void
own(struct node *node)
{
	struct buf bytes = node->bytes, entries = node->entries;

	node->is_hashed = false;
	if (!node->is_borrowed)
		return;
	node->is_borrowed = false;
	node->bytes = node->entries = (struct buf){0};
	buf_append_slice(&node->bytes, buf_slice(&bytes));
	buf_append_slice(&node->entries, buf_slice(&entries));
}

static void
release_nodes(struct node *nodes, int count)
{
	for (int i = 0; i < count; i++) {
		if (nodes[i].is_borrowed)
			continue;
		buf_release(&nodes[i].bytes);
		buf_release(&nodes[i].entries);
	}
}

void
model_close(struct model *model)
{
	release_nodes(model->nodes, model->node_count);
}

static void
set_entry(struct node *directory, const char *name, int node)
{
	struct entry *entries = (struct entry *)directory->entries.data;
	size_t count = directory->entries.size / sizeof(*entries);
	struct entry entry = {name, node};

	for (size_t i = 0; i < count; i++) {
		if (strcmp(entries[i].name, name) != 0)
			continue;
		entries[i].node = node;
		if (node < 0)
			entries[i] = entries[count - 1];
		directory->entries.size -= node < 0 ? sizeof(entry) : 0;
		return;
	}
	if (node >= 0)
		buf_append(&directory->entries, &entry, sizeof(entry));
}

static int
find_entry(const struct node *directory, const char *name)
{
	const struct entry *entries =
	    (const struct entry *)directory->entries.data;
	size_t count = directory->entries.size / sizeof(*entries);

	for (size_t i = 0; i < count; i++) {
		if (strcmp(entries[i].name, name) == 0)
			return entries[i].node;
	}
	return -1;
}

static void
apply_name(struct node *directory, const struct pending_op *op)
{
	const struct trace_record *record = op->record;
	int node = op->made;

	if (record->op == TRACE_UNLINK || record->op == TRACE_RENAME) {
		node = find_entry(directory, record_name(record));
		set_entry(directory, record_name(record), -1);
	}
	if (record->op == TRACE_RENAME && node >= 0)
		set_entry(directory, record_to_name(record), node);
	else if (record->op != TRACE_UNLINK && record->op != TRACE_RENAME)
		set_entry(directory, record_name(record), node);
}

static void
set_size(struct buf *bytes, size_t size)
{
	if (size > bytes->size)
		memset(buf_reserve(bytes, size - bytes->size), 0,
		    size - bytes->size);
	bytes->size = size;
}

static void
apply_bytes(struct node *file, const struct trace_record *record,
    enum fate fate, size_t bytes)
{
	size_t from = 0, to = record->data_size, zeros = 0;
	size_t at = (size_t)record->offset;

	if (record->op == TRACE_TRUNCATE) {
		set_size(&file->bytes, at);
		return;
	}
	if (fate == FATE_TORN && bytes < to)
		to = bytes;
	if (fate == FATE_ZEROS && bytes < to)
		zeros = to - bytes;
	if (fate == FATE_TAIL)
		from = bytes < to ? bytes : to;
	if (fate == FATE_SIZE)
		from = to;
	if (at + to > file->bytes.size && to > 0)
		set_size(&file->bytes, at + to);
	if (to > from)
		memcpy(file->bytes.data + at + from,
		    record_data(record) + from, to - from);
	if (zeros > 0)
		memset(file->bytes.data + at + to - zeros, 0, zeros);
}

static void
apply_op(struct node *nodes, const struct pending_op *op, enum fate fate,
    size_t bytes)
{
	if (fate == FATE_DROPPED)
		return;
	own(&nodes[op->node]);
	if (is_name_op(op->record))
		apply_name(&nodes[op->node], op);
	else
		apply_bytes(&nodes[op->node], op->record, fate, bytes);
}

/* What is done to `node` before record `number` is durable from now on. */
static void
settle(struct model *model, int node, uint64_t number)
{
	int left = 0;

	model->is_changed = true;

	for (int i = 0; i < model->op_count; i++) {
		struct pending_op *op = &model->ops[i];

		if (op->node == node && op->number < number)
			apply_op(model->nodes, op, FATE_KEPT, 0);
		else
			model->ops[left++] = *op;
	}
	model->op_count = left;
}

static void
add_op(struct model *model, const struct trace_record *record, int node,
    int made)
{
	/* The disk has had the time to write the oldest by itself. */
	if (model->op_count == VOLATILE_MAX)
		settle(model, model->ops[0].node, model->ops[0].number + 1);
	model->is_changed = true;
	model->ops[model->op_count++] = (struct pending_op){
		.record = record,
		.number = model->number,
		.node = node,
		.made = made,
	};
}

/* SQLite makes the shared memory of a WAL anew when nobody has it open. */
static bool
is_shared_memory(const struct trace_record *record)
{
	const char *name = record_name(record);
	size_t size = record->name_size;

	return is_name_op(record) && size > 5 &&
	    strcmp(name + size - 5, "-shm") == 0;
}

static void
take_in(struct model *model, const struct trace_record *record)
{
	int node, made = -1;

	if (record->op == TRACE_MARK || record->op == TRACE_SYNC_BEGIN ||
	    is_shared_memory(record))
		return;
	node = find_node(model, is_name_op(record) ? record->dir
	                                           : record->file);
	if (node < 0)
		return; /* outside of what we look at */
	if (record->op == TRACE_SYNC_END) {
		settle(model, node, (uint64_t)record->offset);
		return;
	}
	if (record->op == TRACE_RENAME && record->dir != record->to_dir) {
		fprintf(stderr, "crash: a rename to another directory is not "
		    "in the model\n");
		exit(70);
	}
	if (record->op == TRACE_CREATE ||
	    record->op == TRACE_MAKE_DIRECTORY)
		made = add_node(model, record->file,
		    record->op == TRACE_MAKE_DIRECTORY);
	add_op(model, record, node, made);
}

const struct trace_record *
model_next(const struct model *model)
{
	if (model->at >= model->trace->size)
		return NULL;
	return (const struct trace_record *)(
	    (const char *)(model->trace + 1) + model->at);
}

const struct trace_record *
model_step(struct model *model)
{
	const struct trace_record *record = model_next(model);

	if (record == NULL)
		return NULL;
	model->is_changed = false;
	take_in(model, record);
	/* Who marks knows nothing of clocks that a test moves. */
	if (record->op != TRACE_MARK)
		model->clocks = record->clocks;
	model->at += record->size;
	model->number++;
	return record;
}

const char *
model_name(const struct model *model, int node)
{
	for (int i = 0; i < model->op_count; i++) {
		if (model->ops[i].made == node)
			return record_name(model->ops[i].record);
	}
	for (int i = 0; i < model->node_count; i++) {
		const struct buf *entries = &model->nodes[i].entries;
		const struct entry *entry =
		    (const struct entry *)entries->data;

		for (size_t k = 0; k < entries->size / sizeof(*entry); k++) {
			if (entry[k].node == node)
				return entry[k].name;
		}
	}
	return "(a removed file)";
}

static void
keep_names_in_order(const struct model *model, struct state *state)
{
	for (int i = 0; i < model->op_count; i++) {
		const struct pending_op *op = &model->ops[i];

		if (!is_name_op(op->record))
			continue;
		if (state->fates[i] != FATE_DROPPED) {
			state->fates[i] = FATE_KEPT;
			continue;
		}
		for (int k = i + 1; k < model->op_count; k++) {
			if (model->ops[k].node == op->node &&
			    is_name_op(model->ops[k].record))
				state->fates[k] = FATE_DROPPED;
		}
	}
}

void
model_apply(struct model *model, struct state *state, struct image *image)
{
	image->node_count = model->node_count;
	image->nodes = memory_alloc(
	    sizeof(*image->nodes) * (size_t)model->node_count);
	for (int i = 0; i < model->node_count; i++) {
		struct node *node = &model->nodes[i];

		if (!node->is_hashed) {
			node->hash = image_hash_bytes(node->bytes.data,
			    node->bytes.size);
			node->is_hashed = true;
		}
		borrow(&image->nodes[i], node);
	}
	keep_names_in_order(model, state);
	for (int i = 0; i < model->op_count; i++)
		apply_op(image->nodes, &model->ops[i], state->fates[i],
		    state->bytes[i]);
}

void
image_release(struct image *image)
{
	release_nodes(image->nodes, image->node_count);
	free(image->nodes);
}
