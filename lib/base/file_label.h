/* What an open descriptor is called, for messages (internal to the floor). */
#ifndef BASE_FILE_LABEL_H
#define BASE_FILE_LABEL_H

struct file_label {
	char text[512];
};

/* Its path if the system tells, else "descriptor N"; errno is kept. */
struct file_label file_label(int fd);

/* As fail_errno("PATH: step"). */
int file_fail(int fd, const char *step);

#endif
