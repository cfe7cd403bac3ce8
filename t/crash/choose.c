/* Which of the states that a crash at one place may leave are tried. */
#include "choose.h"

struct choosing {
	const struct model *model;
	const struct choices *choices;
	uint64_t random;
	void (*try)(void *context, struct state *state, bool is_killed);
	void *context;
};

static struct state
all_are(enum fate fate)
{
	struct state state = {0};

	for (int i = 0; i < VOLATILE_MAX; i++)
		state.fates[i] = fate;
	return state;
}

static void
try_state(struct choosing *it, struct state state)
{
	it->try(it->context, &state, false);
}

static void
try_single_ops(struct choosing *it)
{
	int from = it->model->op_count - it->choices->single_ops;

	for (int i = from < 0 ? 0 : from; i < it->model->op_count; i++) {
		struct state state = all_are(FATE_KEPT);

		state.fates[i] = FATE_DROPPED;
		try_state(it, state);
		state = all_are(FATE_DROPPED);
		/* Names only come after those before them. */
		for (int k = 0; k < i && is_name_op(
		         it->model->ops[i].record); k++) {
			if (it->model->ops[k].node == it->model->ops[i].node)
				state.fates[k] = FATE_KEPT;
		}
		state.fates[i] = FATE_KEPT;
		try_state(it, state);
	}
}

static bool
is_write(const struct model *model, int index)
{
	int op = model->ops[index].record->op;

	return op == TRACE_WRITE || op == TRACE_MAPPED;
}

/* The last write, or -1. */
static int
last_write(const struct model *model)
{
	for (int i = model->op_count - 1; i >= 0; i--) {
		if (is_write(model, i))
			return i;
	}
	return -1;
}

/* With old bytes, zeros or nothing where it was torn off, and its end alone. */
static void
try_torn(struct choosing *it)
{
	int last = last_write(it->model);
	struct state state = all_are(FATE_KEPT);
	size_t size = last < 0 ? 0
	                       : it->model->ops[last].record->data_size;
	size_t places[] = {1, 61, 511, 512, 4095, 4096, size / 2, size - 1};

	for (size_t i = 0; i < sizeof(places) / sizeof(*places) && last >= 0;
	     i++) {
		if (places[i] == 0 || places[i] >= size)
			continue;
		state.bytes[last] = places[i];
		for (enum fate fate = FATE_TORN; fate <= FATE_TAIL; fate++) {
			state.fates[last] = fate;
			try_state(it, state);
		}
	}
}

/* Files got longer without their bytes: by the last write, and by all. */
static void
try_sizes(struct choosing *it)
{
	int last = last_write(it->model);
	struct state state = all_are(FATE_KEPT);

	if (last < 0)
		return;
	state.fates[last] = FATE_SIZE;
	try_state(it, state);
	for (int i = 0; i < it->model->op_count; i++) {
		if (is_write(it->model, i))
			state.fates[i] = FATE_SIZE;
	}
	try_state(it, state);
}

static void
try_names(struct choosing *it)
{
	for (int lose_names = 0; lose_names < 2; lose_names++) {
		struct state state = all_are(FATE_KEPT);

		for (int i = 0; i < it->model->op_count; i++) {
			if (is_name_op(it->model->ops[i].record) ==
			    lose_names)
				state.fates[i] = FATE_DROPPED;
		}
		try_state(it, state);
	}
}

/* One file or directory loses all, or everything else does. */
static void
try_files(struct choosing *it)
{
	const struct model *model = it->model;

	for (int node = 0; node < model->node_count; node++) {
		struct state lost = all_are(FATE_KEPT);
		struct state kept = all_are(FATE_DROPPED);
		int count = 0;

		for (int i = 0; i < model->op_count; i++) {
			if (model->ops[i].node != node)
				continue;
			lost.fates[i] = FATE_DROPPED;
			kept.fates[i] = FATE_KEPT;
			count++;
		}
		if (count < 2)
			continue;
		try_state(it, lost);
		try_state(it, kept);
	}
}

/* xorshift64*: the same states for the same seed. */
static uint64_t
next_random(struct choosing *it)
{
	it->random ^= it->random >> 12;
	it->random ^= it->random << 25;
	it->random ^= it->random >> 27;
	return (it->random * 0x2545f4914f6cdd1d) >> 16;
}

static void
try_random(struct choosing *it)
{
	struct state state = {0};
	uint64_t keep = 1 + next_random(it) % 9;

	for (int i = 0; i < it->model->op_count; i++) {
		size_t size = it->model->ops[i].record->data_size;

		state.fates[i] = next_random(it) % 10 < keep ? FATE_KEPT
		                                             : FATE_DROPPED;
		if (size < 2 || next_random(it) % 8 != 0)
			continue;
		state.fates[i] = FATE_TORN + next_random(it) % 4;
		state.bytes[i] = 1 + next_random(it) % (size - 1);
		if (size > 512 && next_random(it) % 2 == 0)
			state.bytes[i] = state.bytes[i] / 512 * 512;
	}
	try_state(it, state);
}

/* Each file got as far as it got. */
static void
try_cuts(struct choosing *it)
{
	struct state state = {0};
	uint64_t salt = next_random(it);

	for (int i = 0; i < it->model->op_count; i++) {
		uint64_t place = (salt ^ (uint64_t)it->model->ops[i].node *
		    0x9e3779b97f4a7c15) >> 20;
		int cut = (int)(place % (uint64_t)(it->model->op_count + 1));

		state.fates[i] = i < cut ? FATE_KEPT : FATE_DROPPED;
	}
	try_state(it, state);
}

void
choose(const struct model *model, const struct choices *choices,
    void (*try)(void *context, struct state *state, bool is_killed),
    void *context)
{
	struct choosing it = {
		.model = model,
		.choices = choices,
		.random = (choices->seed + 1) * 0x9e3779b97f4a7c15,
		.try = try,
		.context = context,
	};
	struct state all = all_are(FATE_KEPT);

	try(context, &all, true);
	try_state(&it, all_are(FATE_KEPT));
	try_state(&it, all_are(FATE_DROPPED));
	try_single_ops(&it);
	try_torn(&it);
	try_sizes(&it);
	try_names(&it);
	try_files(&it);
	for (int i = 0; i < choices->random_states; i++) {
		try_random(&it);
		try_cuts(&it);
	}
}
