/* Time: the only file that asks for it. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>

int64_t clock_boot_ms(void);  /* CLOCK_BOOTTIME: for deadlines and leases */
int64_t clock_boot_us(void);
int64_t clock_wall_ms(void);  /* since 1970, UTC: labels messages only */

/* Identity of this boot of the machine (Linux boot_id), read once. */
struct boot_id {
	unsigned char bytes[16];
};
struct boot_id clock_boot_id(void);

/* An error if it is there and cannot be read: whoever went on would take all
 * for the state of another boot. Zeros are the id where there is none. */
int clock_boot_check(void);

void clock_sleep_ms(int64_t ms);

#endif
