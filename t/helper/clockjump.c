/* Moves a clock of FI_CLOCK: clockjump FILE wall|boot|monotonic SECONDS
 *
 * By SECONDS from where it was moved to before. */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int
main(int argc, char **argv)
{
	int64_t offsets[3] = {0};
	int fd, slot;

	if (argc != 4)
		return 64;
	fd = open(argv[1], O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || pread(fd, offsets, sizeof(offsets), 0) < 0)
		return 74;
	slot = *argv[2] == 'w' ? 0 : *argv[2] == 'b' ? 1 : 2;
	offsets[slot] += strtoll(argv[3], NULL, 10) * 1000000000;
	return pwrite(fd, offsets, sizeof(offsets), 0) == sizeof(offsets) ? 0
	                                                                  : 74;
}
