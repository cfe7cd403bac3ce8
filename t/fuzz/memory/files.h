/* Files on a disk in memory, as they were for each input. */
#ifndef FUZZ_FILES_H
#define FUZZ_FILES_H

#include <stdbool.h>
#include <stddef.h>

/*
 * A target whose inputs are files of a directory is linked twice. As a fuzz
 * target its calls on files, those of the library and of SQLite go to the disk
 * in memory of t/crash, with its clock and its chance: an input costs no system
 * call, and takes the same course each time. As a replay of the corpus it has
 * the kernel's files, and these two are not there.
 */
__attribute__((weak)) void files_keep(void);
__attribute__((weak)) void files_again(void);

/* Keeps all files, descriptors, time, once they are made. */
static inline void
files_made(void)
{
	if (files_keep != NULL)
		files_keep();
}

/* Goes back to what was kept; false: the target has to do so itself. */
static inline bool
files_restore(void)
{
	if (files_again == NULL)
		return false;
	files_again();
	return true;
}

#endif
