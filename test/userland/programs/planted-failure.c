// SPDX-License-Identifier: Apache-2.0
/* Must fail: shows that the tests would notice. */
#include "check.h"

int main(void)
{
	CHECK("one is one", 1 == 1);
	CHECK("one is two", 1 == 2);
	return check_result();
}
