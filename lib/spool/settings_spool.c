/* The layers of mq.yaml: built in, the machine's, the user's, the spool's. */
#include "spool/settings.h"

#include "base/fail.h"
#include "base/file.h"
#include "spool/yaml.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_NAME "mq.yaml"
#define SYSTEM_PATH "/etc/mq/" FILE_NAME

enum { KEYS_MAX = 32 }; /* of one table */

/* Where each value came from, in the order of the tables; NULL: built in. */
struct origins {
	const char *spool[KEYS_MAX];
	const char *topic[KEYS_MAX];
};

struct layer {
	struct spool_settings *settings;
	struct origins *origins; /* NULL: not wanted */
	const char *path;
};

static void
note_origin(const struct setting_key *keys, const char *name,
    const char **origins, const char *path)
{
	for (int i = 0; keys[i].name && i < KEYS_MAX; i++)
		if (strcmp(keys[i].name, name) == 0)
			origins[i] = path;
}

static int
take_entry(const struct yaml_entry *entry, void *context)
{
	struct layer *layer = context;
	bool is_topic = strcmp(entry->section, "topic") == 0;
	const struct setting_key *keys =
	    is_topic ? topic_setting_keys : spool_setting_keys;
	void *settings = is_topic ? (void *)&layer->settings->topic
	    : (void *)layer->settings;
	int code;

	if (!entry->section[0] && strcmp(entry->key, "topic") == 0)
		return entry->value && entry->value[0] ? fail(FAIL_CONFIG,
		    "topic: keys are expected below") : 0;
	code = setting_set(keys, settings, entry->key, entry->value);
	if (code == 0 && layer->origins)
		note_origin(keys, entry->key, is_topic ? layer->origins->topic
		    : layer->origins->spool, layer->path);
	return code;
}

static int
load_from(int dir, const char *name, struct layer *layer)
{
	struct buf text = {0};
	int code = file_read_all(dir, name, SETTINGS_FILE_MAX, &text);

	if (code == -FAIL_MISSING)
		code = 0;
	else if (code == -FAIL_DATA)
		code = fail(FAIL_CONFIG, "%s", fail_message());
	else if (code >= 0)
		code = yaml_read(buf_slice(&text), layer->path, take_entry,
		    layer);
	buf_release(&text);
	return code < 0 ? code : 0;
}

/* Files outside the spool may be symbolic links, as dot files often are. Most
 * are not there at all, which is found out at once. */
static int
load_path(struct layer *layer)
{
	char *real, *slash;
	int code, dir;

	if (access(layer->path, F_OK) != 0 && errno == ENOENT)
		return 0;
	real = realpath(layer->path, NULL);
	if (!real && (errno == ENOENT || errno == ENOTDIR || errno == EACCES))
		return 0;
	if (!real)
		return fail_errno("%s", layer->path);
	slash = strrchr(real, '/');
	*slash = '\0';
	dir = file_open_directory(AT_FDCWD, real[0] ? real : "/");
	code = dir < 0 ? dir : load_from(dir, slash + 1, layer);
	if (dir >= 0)
		close(dir);
	free(real);
	return code;
}

/* Appends nothing if there is no home. */
static void
user_path(struct buf *out)
{
	const char *config = getenv("XDG_CONFIG_HOME");
	const char *home = getenv("HOME");

	if (config && config[0] == '/')
		buf_printf(out, "%s/mq/" FILE_NAME, config);
	else if (home && home[0] == '/')
		buf_printf(out, "%s/.config/mq/" FILE_NAME, home);
}

/* The paths that origins point to; they live as long as this. */
struct paths {
	struct buf user;
	struct buf spool;
};

static void
release_paths(struct paths *paths)
{
	buf_release(&paths->user);
	buf_release(&paths->spool);
}

static int
load(int spool_dir, const char *spool_path, struct spool_settings *settings,
    struct origins *origins, struct paths *paths)
{
	struct layer layer = {settings, origins, SYSTEM_PATH};
	int code;

	settings->auto_create_topics = true;
	topic_settings_default(&settings->topic);
	if ((code = load_path(&layer)) < 0)
		return code;
	user_path(&paths->user);
	layer.path = buf_text(&paths->user);
	if (paths->user.size > 0 && (code = load_path(&layer)) < 0)
		return code;
	if (spool_dir < 0)
		return 0;
	buf_printf(&paths->spool, "%s/" FILE_NAME, spool_path);
	layer.path = buf_text(&paths->spool);
	return load_from(spool_dir, FILE_NAME, &layer);
}

int
spool_settings_load(int spool_dir, const char *spool_path,
    struct spool_settings *settings)
{
	struct paths paths = {0};
	int code = load(spool_dir, spool_path, settings, NULL, &paths);

	release_paths(&paths);
	return code;
}

static void
list_keys(const struct setting_key *keys, const void *settings,
    const char *prefix, const char *const *origins, struct buf *out)
{
	for (int i = 0; keys[i].name && i < KEYS_MAX; i++) {
		buf_printf(out, "%s%s\t", prefix, keys[i].name);
		setting_get(keys, settings, keys[i].name, out);
		buf_printf(out, "\t%s\n", origins[i] ? origins[i] : "default");
	}
}

int
spool_settings_list(int spool_dir, const char *spool_path, struct buf *out)
{
	struct spool_settings settings;
	struct origins origins = {0};
	struct paths paths = {0};
	int code = load(spool_dir, spool_path, &settings, &origins, &paths);

	if (code == 0) {
		list_keys(spool_setting_keys, &settings, "", origins.spool,
		    out);
		list_keys(topic_setting_keys, &settings.topic, "topic.",
		    origins.topic, out);
	}
	release_paths(&paths);
	return code;
}
