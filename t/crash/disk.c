/* A disk in memory: its files, names and descriptors. */
#include "disk.h"
#include "base/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FDS_MAX = 256 };

struct handle {
	bool is_open;
	int file;
	int flags;
	off_t at;
};

static struct disk_file files[DISK_FILES_MAX];
static int file_count;
static struct handle handles[FDS_MAX];
static int handles_used;

void
disk_stop(const char *why)
{
	fprintf(stderr, "crash: %s\n", why);
	abort();
}

static void
release_file(struct disk_file *file)
{
	if (file->capacity > 0)
		free(file->data);
	free(file->entries);
	*file = (struct disk_file){0};
}

static int
add_file(bool is_directory)
{
	if (file_count == DISK_FILES_MAX)
		disk_stop("too many files");
	files[file_count] = (struct disk_file){
		.is_directory = is_directory,
		.stamp = disk_now(),
		.mode = is_directory ? 0700 : 0600,
	};
	return file_count++;
}

static void
add_entry(int directory, const char *name, int file)
{
	struct disk_file *in = &files[directory];
	struct disk_entry *entry;

	if (in->count == in->room) {
		in->room = in->room * 2 + 8;
		in->entries = realloc(in->entries,
		    sizeof(*entry) * (size_t)in->room);
		if (in->entries == NULL)
			disk_stop("no memory");
	}
	entry = &in->entries[in->count++];
	snprintf(entry->name, sizeof(entry->name), "%s", name);
	entry->file = file;
	in->stamp = disk_now();
	files[file].parent = directory;
	files[file].links++;
}

void
disk_load(const struct image *image)
{
	for (int i = 0; i < file_count; i++)
		release_file(&files[i]);
	memset(handles, 0, sizeof(*handles) * (size_t)handles_used);
	file_count = handles_used = 0;
	for (int i = 0; i < image->node_count; i++) {
		const struct node *node = &image->nodes[i];
		struct disk_file *file = &files[add_file(node->is_directory)];

		file->data = (unsigned char *)node->bytes.data;
		file->size = node->bytes.size;
		file->hash = node->is_hashed ? node->hash
		    : image_hash_bytes(file->data, file->size);
	}
	for (int i = 0; i < image->node_count; i++) {
		const struct buf *names = &image->nodes[i].entries;
		const struct entry *entry = (const struct entry *)names->data;

		for (size_t k = 0; k < names->size / sizeof(*entry); k++)
			add_entry(i, entry[k].name, entry[k].node);
	}
	files[0].links = 1;
}

static uint64_t
hash_file(const struct disk_file *file)
{
	uint64_t hash = file->hash, sum = 0;

	if (file->capacity > 0)
		hash = image_hash_bytes(file->data, file->size);
	for (int i = 0; i < file->count; i++) {
		const struct disk_entry *entry = &file->entries[i];

		sum += hash_bytes(entry->name, strlen(entry->name)) ^
		    hash_file(&files[entry->file]) * 0x9e3779b97f4a7c15;
	}
	return hash_bytes((uint64_t[]){hash, sum,
	    (uint64_t)file->is_directory}, 3 * sizeof(uint64_t));
}

uint64_t
disk_hash(void)
{
	return hash_file(&files[0]);
}

bool
is_disk_fd(int fd)
{
	return fd >= DISK_FD;
}

bool
is_disk_path(int dir, const char *path)
{
	size_t size = strlen(DISK);

	if (*path != '/')
		return is_disk_fd(dir);
	return strncmp(path, DISK, size) == 0 &&
	    (path[size] == '/' || path[size] == 0);
}

static int
find_name(int directory, const char *name)
{
	const struct disk_file *in = &files[directory];

	for (int i = 0; i < in->count; i++) {
		if (strcmp(in->entries[i].name, name) == 0)
			return in->entries[i].file;
	}
	return -1;
}

static int
step(struct disk_place *place, const char *name, size_t size)
{
	if (place->file < 0) {
		errno = ENOENT;
		return -1;
	}
	if (!files[place->file].is_directory) {
		errno = ENOTDIR;
		return -1;
	}
	if (size >= DISK_NAME_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	place->parent = place->file;
	memcpy(place->name, name, size);
	place->name[size] = 0;
	if (strcmp(place->name, "..") == 0)
		place->file = files[place->parent].parent;
	else if (strcmp(place->name, ".") != 0)
		place->file = find_name(place->parent, place->name);
	return 0;
}

int
disk_find(int dir, const char *path, struct disk_place *place)
{
	*place = (struct disk_place){.file = 0};
	if (*path == '/')
		path += strlen(DISK);
	else if ((place->file = disk_fd_file(dir)) < 0)
		return -1;
	for (;;) {
		size_t size;

		path += strspn(path, "/");
		size = strcspn(path, "/");
		if (size == 0)
			return 0;
		if (step(place, path, size) < 0)
			return -1;
		path += size;
	}
}

int
disk_make(const struct disk_place *place, bool is_directory)
{
	int file = add_file(is_directory);

	add_entry(place->parent, place->name, file);
	return file;
}

void
disk_link(const struct disk_place *place, int file)
{
	add_entry(place->parent, place->name, file);
}

void
disk_unlink(const struct disk_place *place)
{
	struct disk_file *in = &files[place->parent];

	for (int i = 0; i < in->count; i++) {
		if (strcmp(in->entries[i].name, place->name) != 0)
			continue;
		in->entries[i] = in->entries[--in->count];
		in->stamp = disk_now();
		files[place->file].links--;
		return;
	}
}

struct disk_file *
disk_file(int number)
{
	return &files[number];
}

int
disk_count(void)
{
	return file_count;
}

static const char *
name_of(int file)
{
	const struct disk_file *in = &files[files[file].parent];

	for (int i = 0; i < in->count && files[file].links > 0; i++) {
		if (in->entries[i].file == file)
			return in->entries[i].name;
	}
	return "(deleted)";
}

int
disk_path(int file, char *path, size_t size)
{
	char above[4096];

	if (file == 0)
		return snprintf(path, size, "%s", DISK);
	disk_path(files[file].parent, above, sizeof(above));
	return snprintf(path, size, "%s/%s", above, name_of(file));
}

unsigned char *
disk_own(struct disk_file *file, size_t capacity)
{
	size_t room = file->capacity > 0 ? file->capacity : 256;
	unsigned char *data;

	if (capacity < file->size)
		capacity = file->size;
	while (room < capacity)
		room *= 2;
	file->stamp = disk_now();
	if (room == file->capacity)
		return file->data;
	if (file->is_mapped)
		disk_stop("a mapped file grows too much");
	data = malloc(room);
	if (data == NULL)
		disk_stop("no memory");
	if (file->size > 0)
		memcpy(data, file->data, file->size);
	if (file->capacity > 0)
		free(file->data);
	file->data = data;
	file->capacity = room;
	return data;
}

void
disk_set_size(struct disk_file *file, size_t size)
{
	size_t low = size < file->size ? size : file->size;

	disk_own(file, size);
	memset(file->data + low, 0, size + file->size - 2 * low);
	file->size = size;
}

int
disk_fd_open(int file, int flags)
{
	int fd = 0;

	while (fd < handles_used && handles[fd].is_open)
		fd++;
	if (fd == FDS_MAX)
		disk_stop("too many descriptors");
	handles[fd] = (struct handle){true, file, flags, 0};
	if (fd == handles_used)
		handles_used++;
	return DISK_FD + fd;
}

static struct handle *
handle_of(int fd)
{
	int index = fd - DISK_FD;

	if (index >= 0 && index < handles_used && handles[index].is_open)
		return &handles[index];
	errno = EBADF;
	return NULL;
}

int
disk_fd_file(int fd)
{
	const struct handle *handle = handle_of(fd);

	return handle == NULL ? -1 : handle->file;
}

off_t *
disk_fd_at(int fd)
{
	return &handle_of(fd)->at;
}

int
disk_fd_flags(int fd)
{
	return handle_of(fd)->flags;
}

void
disk_fd_close(int fd)
{
	handle_of(fd)->is_open = false;
}

void
disk_spoil(void)
{
	for (int i = 0; i < file_count; i++) {
		const char *name = name_of(i);
		size_t size = strlen(name);

		/* Without its page, which knows of what was in the log. */
		if (strcmp(name, "control") == 0 ||
		    (size > 4 && strcmp(name + size - 4, ".log") == 0))
			disk_set_size(&files[i], 0);
	}
}
