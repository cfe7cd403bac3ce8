/* topic.yaml, mq.yaml and single keys; the first byte picks. */
#include "../unit/scratch.h"
#include "fuzz.h"
#include "spool/settings.h"

static bool
is_key_same(const struct setting_key *keys, const char *name, const void *a,
    const void *b)
{
	struct buf left = {0}, right = {0};
	bool same;

	setting_get(keys, a, name, &left);
	setting_get(keys, b, name, &right);
	same = has_same_bytes(buf_slice(&left), buf_slice(&right));
	buf_release(&left);
	buf_release(&right);
	return same;
}

static void
check_topic(struct slice text)
{
	struct topic_settings settings, again;
	unsigned char id[16], other[16];
	struct buf out = {0};
	int rc = topic_settings_parse(text, "topic.yaml", &settings, id);

	MUST(rc == 0 || rc == -FAIL_CONFIG, "a bad file is bad configuration");
	MUST(rc == 0 || strncmp(fail_message(), "topic.yaml:", 11) == 0,
	    "and the message says where");
	if (rc == 0) {
		topic_settings_format(&settings, id, &out);
		MUST(topic_settings_parse(buf_slice(&out), "topic.yaml",
		    &again, other) == 0 && memcmp(id, other, 16) == 0,
		    "what was read can be written");
		for (int i = 0; topic_setting_keys[i].name != NULL; i++)
			MUST(is_key_same(topic_setting_keys,
			    topic_setting_keys[i].name, &settings, &again),
			    "and reads the same");
		MUST(settings.backoff_low_ms <= settings.backoff_high_ms &&
		    settings.partitions >= 1, "values are in range");
	}
	buf_release(&out);
}

/* "KEY" NUL "VALUE" */
static void
check_key(const struct setting_key *keys, struct input *input)
{
	struct spool_settings settings, again;
	char *name = take_text(input), *value = take_text(input);
	struct buf out = {0};

	memset(&settings, 0, sizeof(settings));
	topic_settings_default(&settings.topic);
	again = settings;
	if (keys == topic_setting_keys
	    ? topic_settings_set(&settings.topic, name, value) == 0
	    : setting_set(keys, &settings, name, value) == 0) {
		void *from = keys == topic_setting_keys
		    ? (void *)&settings.topic : (void *)&settings;
		void *to = keys == topic_setting_keys
		    ? (void *)&again.topic : (void *)&again;

		MUST(setting_get(keys, from, name, &out) == 0 &&
		    setting_set(keys, to, name, buf_text(&out)) == 0 &&
		    is_key_same(keys, name, from, to),
		    "a value that is shown is taken");
	}
	buf_release(&out);
	free(name);
	free(value);
}

static void
check_spool(struct slice text)
{
	static int dir = -1;
	struct spool_settings settings;
	struct buf out = {0};
	int fd, rc;

	if (dir < 0) {
		setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
		dir = scratch_make();
	}
	fd = file_open(dir, "mq.yaml", FILE_CREATE);
	MUST(fd >= 0 && file_truncate(fd, 0) == 0 && (text.size == 0 ||
	    file_write_at(fd, text.data, text.size, 0) == 0), "a file");
	close(fd);
	rc = spool_settings_load(dir, "spool", &settings);
	MUST(rc == 0 || rc == -FAIL_CONFIG, "a bad file is bad configuration");
	MUST(spool_settings_list(dir, "spool", &out) == rc,
	    "what loads can be listed");
	buf_release(&out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, size};

	switch (take_byte(&input) % 4) {
	case 0:
		check_topic((struct slice){input.at, input.left});
		break;
	case 1:
		check_spool((struct slice){input.at, input.left});
		break;
	case 2:
		check_key(topic_setting_keys, &input);
		break;
	case 3:
		check_key(spool_setting_keys, &input);
		break;
	}
	return 0;
}
