/* A spool: the directory that holds topics, the index and configuration. */
#include "spool/spool.h"

#include "base/clock.h"
#include "base/fail.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TOPICS "topics"

enum { LEVELS_MAX = 64 }; /* directories above a spool that are synced */

struct spool {
	char *path;
	int directory;
	int topics;   /* -1 only if is_read_only */
	bool is_read_only;
	struct spool_settings settings;
	struct spool_attachment attachment;
	void (*tell)(const char *topic, const char *text); /* or NULL */
};

/* Makes the directory and those above it that are missing. They are 0700 even
 * below a set-group-id directory: sharing a spool is a decision. */
static int
make_path(const char *path)
{
	char *copy = memory_copy_text(path);
	int code = 0;

	for (char *at = copy + 1; code >= 0 && *at; at++) {
		if (*at != '/')
			continue;
		*at = '\0';
		code = file_make_directory(AT_FDCWD, copy);
		*at = '/';
	}
	if (code >= 0)
		code = file_make_directory(AT_FDCWD, path);
	free(copy);
	if (code == -FAIL_MISSING)
		return fail(FAIL_CREATE, "spool %s: %s", path, fail_message());
	return code;
}

static bool
is_group_ours(gid_t group)
{
	gid_t groups[1024];
	int count = getgroups(1024, groups);

	if (group == getegid())
		return true;
	for (int i = 0; i < count; i++)
		if (groups[i] == group)
			return true;
	return false;
}

/* Whoever may write here could make us write elsewhere, or read our mail. */
static int
check_owner(int fd, const char *path)
{
	struct stat status;

	if (fstat(fd, &status) != 0)
		return fail_errno("spool %s: stat", path);
	if (status.st_mode & S_IWOTH)
		return fail(FAIL_PERMISSION, "spool %s: refused, every user "
		    "may write to it (chmod o-w helps)", path);
	if (status.st_uid == geteuid())
		return 0;
	if (status.st_mode & S_ISGID && is_group_ours(status.st_gid))
		return 0;
	return fail(FAIL_PERMISSION, "spool %s: refused, it belongs to user "
	    "%ld", path, (long)status.st_uid);
}

static int
check_place(int fd, const char *path, bool force)
{
	const char *kind;
	int code = force ? 0 : file_is_network(fd, &kind);

	if (code > 0)
		return fail(FAIL_PERMISSION, "spool %s: refused, %s is a "
		    "network file system: locks and shared memory do not "
		    "reach other machines (MQ_NETWORK_FS=1 uses it)", path,
		    kind);
	return code;
}

static int
open_topics(struct spool *spool)
{
	struct buf path = {0};
	int code = file_open_directory(spool->directory, TOPICS);

	if (code == -FAIL_MISSING && spool->is_read_only)
		return 0;
	if (code == -FAIL_MISSING) {
		code = file_make_directory(spool->directory, TOPICS);
		if (code >= 0)
			code = file_open_directory(spool->directory, TOPICS);
	}
	if (code < 0)
		return code;
	spool->topics = code;
	buf_printf(&path, "%s/" TOPICS, spool->path);
	code = check_owner(spool->topics, buf_text(&path));
	buf_release(&path);
	return code;
}

static int
open_directory(struct spool *spool, enum spool_mode mode)
{
	int fd = file_open_directory(AT_FDCWD, spool->path);

	if (fd == -FAIL_MISSING && mode == SPOOL_CREATE) {
		int code = make_path(spool->path);

		if (code < 0)
			return code;
		fd = file_open_directory(AT_FDCWD, spool->path);
	}
	if (fd == -FAIL_MISSING)
		return fail(FAIL_MISSING, "spool %s: there is none",
		    spool->path);
	spool->directory = fd;
	return fd < 0 ? fd : 0;
}

static int
open_all(struct spool *spool, enum spool_mode mode, bool force)
{
	int code;

	if (!spool->path[0])
		return fail(FAIL_USAGE, "the spool's path is empty");
	if ((code = clock_boot_check()) < 0)
		return code;
	if ((code = open_directory(spool, mode)) < 0)
		return code;
	if ((code = check_owner(spool->directory, spool->path)) < 0)
		return code;
	if ((code = check_place(spool->directory, spool->path, force)) < 0)
		return code;
	if ((code = open_topics(spool)) < 0)
		return code;
	return spool_settings_load(spool->directory, spool->path,
	    &spool->settings);
}

int
spool_open(struct spool **spool, const char *path, enum spool_mode mode,
    bool force)
{
	struct spool *made = memory_alloc(sizeof(*made));
	int code;

	made->path = memory_copy_text(path);
	made->directory = made->topics = -1;
	made->is_read_only = mode == SPOOL_READ;
	code = open_all(made, mode, force);
	if (code < 0) {
		spool_close(made);
		made = NULL;
	}
	*spool = made;
	return code;
}

void
spool_close(struct spool *spool)
{
	if (!spool)
		return;
	if (spool->attachment.close)
		spool->attachment.close(spool->attachment.data);
	if (spool->topics >= 0)
		close(spool->topics);
	if (spool->directory >= 0)
		close(spool->directory);
	free(spool->path);
	free(spool);
}

void
spool_listen(struct spool *spool,
    void (*tell)(const char *topic, const char *text))
{
	spool->tell = tell;
}

void
spool_tell(const struct spool *spool, const char *topic, const char *text)
{
	if (spool->tell)
		spool->tell(topic, text);
}

static const char *
home(void)
{
	const char *path = getenv("HOME");
	const struct passwd *user;

	if (path && path[0])
		return path;
	user = getpwuid(geteuid());
	return user ? user->pw_dir : "/";
}

void
spool_choose_path(const char *named, struct buf *out)
{
	const char *path = getenv("MQ_SPOOL");
	const char *state = getenv("XDG_STATE_HOME");

	if (named)
		buf_append_text(out, named);
	else if (path && path[0])
		buf_append_text(out, path);
	else if (geteuid() == 0)
		buf_append_text(out, "/var/spool/mq");
	else if (state && state[0] == '/')
		buf_printf(out, "%s/mq", state);
	else
		buf_printf(out, "%s/.local/state/mq", home());
}

bool
is_spool_forced(void)
{
	return getenv("MQ_NETWORK_FS") != NULL;
}

const char *
spool_path(const struct spool *spool)
{
	return spool->path;
}

int
spool_directory(const struct spool *spool)
{
	return spool->directory;
}

int
spool_topics_directory(const struct spool *spool)
{
	return spool->topics;
}

bool
is_spool_read_only(const struct spool *spool)
{
	return spool->is_read_only;
}

const struct spool_settings *
spool_settings(const struct spool *spool)
{
	return &spool->settings;
}

struct spool_attachment *
spool_attachment(struct spool *spool)
{
	return &spool->attachment;
}

/* Syncs the directory that `path` names; *at is what it was, or nothing if
 * there is nothing above any more. */
static int
settle_above(const char *path, struct stat *at)
{
	struct stat status;
	int fd = file_open_directory(AT_FDCWD, path);
	int code;

	if (fd == -FAIL_PERMISSION || fd == -FAIL_MISSING)
		return 0; /* not ours to read: not ours to have made */
	if (fd < 0)
		return fd;
	if (fstat(fd, &status) != 0)
		code = fail_errno("%s: stat", path);
	else if (status.st_dev == at->st_dev && status.st_ino != at->st_ino)
		code = (code = file_sync_directory(fd)) < 0 ? code : 1;
	else
		code = 0;
	*at = status;
	close(fd);
	return code;
}

int
spool_settle(struct spool *spool)
{
	struct buf path = {0};
	struct stat at;
	int code;

	if ((code = file_sync_directory(spool->topics)) < 0)
		return code;
	if ((code = file_sync_directory(spool->directory)) < 0)
		return code;
	if (fstat(spool->directory, &at) != 0)
		return fail_errno("spool %s: stat", spool->path);
	buf_append_text(&path, spool->path);
	code = 1;
	for (int i = 0; code > 0 && i < LEVELS_MAX; i++) {
		buf_append_text(&path, "/..");
		code = settle_above(buf_text(&path), &at);
	}
	buf_release(&path);
	return code < 0 ? code : 0;
}

struct listing {
	int topics;
	int (*each)(const char *name, void *context);
	void *context;
};

/* What is not a directory or has no topic's name (as temporary ones, which
 * hold a '+') is not a topic. */
static int
list_one(const char *name, void *context)
{
	const struct listing *listing = context;
	struct stat status;

	if (!is_name_valid(name))
		return 0;
	/* A topic that is passed over is one that mq-fsck -y forgets. */
	if (fstatat(listing->topics, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT ? 0 : fail_errno("topic %s: stat",
		    name);
	if (!S_ISDIR(status.st_mode))
		return 0;
	return listing->each(name, listing->context);
}

int
spool_list_topics(struct spool *spool,
    int (*each)(const char *name, void *context), void *context)
{
	struct listing listing = {spool->topics, each, context};

	if (spool->topics < 0)
		return 0;
	return file_list(spool->topics, list_one, &listing);
}
