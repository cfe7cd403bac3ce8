/* A file system on a loop device whose power can be cut. */
#include "disk.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/loop.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define BOOT_ID "/proc/sys/kernel/random/boot_id"

/* As in the kernel's xfs_fs.h; ext4 understands it, too. */
#define GOING_DOWN _IOR('X', 125, uint32_t)
enum { LOG_FLUSH = 1, NO_LOG_FLUSH = 2 };

enum { SKIPPED = 77, TRIES = 200, NUDGED_MAX = 512 };

/* It goes when nobody has it open or mounted. Others look for one, too. What
 * fails is named by disk->device. */
static int
attach(struct disk *disk, int image)
{
	struct loop_config config = {
		.fd = (uint32_t)image,
		.info.lo_flags = LO_FLAGS_AUTOCLEAR,
	};
	int control;

	snprintf(disk->device, sizeof(disk->device), "/dev/loop-control");
	control = open(disk->device, O_RDWR | O_CLOEXEC);
	if (control < 0)
		return -1;
	disk->loop = -1;
	for (int i = 0; i < TRIES && disk->loop < 0; i++) {
		int number = ioctl(control, LOOP_CTL_GET_FREE);

		if (number < 0)
			break;
		snprintf(disk->device, sizeof(disk->device), "/dev/loop%d",
		    number);
		disk->loop = open(disk->device, O_RDWR | O_CLOEXEC);
		if (disk->loop >= 0 &&
		    ioctl(disk->loop, LOOP_CONFIGURE, &config) < 0) {
			close(disk->loop);
			disk->loop = -1;
			usleep(1000);
		}
	}
	close(control);
	return disk->loop;
}

static void
write_boot_id(const struct disk *disk)
{
	unsigned char id[16];
	char text[64];
	int file = open(disk->boot, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	size_t used = 0;

	if (file < 0 || getrandom(id, sizeof(id), 0) != sizeof(id))
		err(1, "%s", disk->boot);
	for (int i = 0; i < 16; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used,
		    "%s%02x", strchr("\4\6\10\12", i) && i ? "-" : "", id[i]);
	text[used++] = '\n';
	if (pwrite(file, text, used, 0) != (ssize_t)used)
		err(1, "%s", disk->boot);
	close(file);
}

void
disk_open(struct disk *disk, const char *image)
{
	int file = open(image, O_RDWR | O_CLOEXEC);

	if (file < 0)
		err(1, "%s", image);
	if (unshare(CLONE_NEWNS) < 0 ||
	    mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		err(SKIPPED, "no mounts of our own here");
	if (attach(disk, file) < 0)
		err(SKIPPED, "no loop device can be set up here: %s",
		    disk->device);
	close(file);
	if (mount(disk->device, disk->mount, disk->type, 0, NULL) < 0)
		err(SKIPPED, "%s cannot be mounted here", disk->type);
	write_boot_id(disk);
	if (mount(disk->boot, BOOT_ID, NULL, MS_BIND, NULL) < 0)
		err(SKIPPED, "another boot cannot be feigned here");
}

static int nudged_count;
static char *nudged[NUDGED_MAX];

static int
collect(const char *path, const struct stat *status, int type,
    struct FTW *place)
{
	(void)place;
	if (nudged_count < NUDGED_MAX && (type == FTW_D ||
	        (type == FTW_F && S_ISREG(status->st_mode))))
		nudged[nudged_count++] = strdup(path);
	return 0;
}

static void
nudge_file(int file, unsigned int choice)
{
	struct stat status;
	off_t pages, first;

	if (fstat(file, &status) < 0)
		return;
	pages = status.st_size / 4096 + 1;
	first = (off_t)(choice / 8) % pages;
	switch (choice % 8) {
	case 0:
		(void)syncfs(file);
		break;
	case 1:
		(void)fsync(file);
		break;
	default:
		(void)sync_file_range(file, first * 4096,
		    4096 * (1 + (off_t)(choice / 64) % 4),
		    SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER);
	}
}

void
disk_nudge(const struct disk *disk, unsigned int choice)
{
	int file;

	nudged_count = 0;
	(void)nftw(disk->mount, collect, 16, FTW_PHYS | FTW_MOUNT);
	if (nudged_count > 0) {
		file = open(nudged[(choice >> 16) % (unsigned)nudged_count],
		    O_RDONLY | O_CLOEXEC);
		if (file >= 0) {
			nudge_file(file, choice & 0xffff);
			close(file);
		}
	}
	while (nudged_count > 0)
		free(nudged[--nudged_count]);
}

void
disk_cut(const struct disk *disk, bool flush)
{
	uint32_t how = flush ? LOG_FLUSH : NO_LOG_FLUSH;
	int root = open(disk->mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (root < 0)
		err(1, "%s", disk->mount);
	if (ioctl(root, GOING_DOWN, &how) < 0)
		err(SKIPPED, "%s cannot be shut down here", disk->type);
	close(root);
}

void
disk_restart(struct disk *disk)
{
	int tries = TRIES;

	while (umount2(disk->mount, 0) < 0) {
		if (errno != EBUSY || tries-- == 0)
			err(1, "umount %s", disk->mount);
		usleep(5000);
	}
	write_boot_id(disk);
	if (mount(disk->device, disk->mount, disk->type, 0, NULL) < 0)
		err(1, "mount %s", disk->mount);
}
