// SPDX-License-Identifier: GPL-2.0-only
/*
 * Unikernel Linux: the local APIC's timer, without measuring it.
 *
 * Where neither CPUID nor a hypervisor says how fast it runs, and the TSC has no
 * deadline, Linux counts its ticks for 100 ms, and without ACPI for another 100:
 * most of what it takes a small machine to boot. Who makes the machine knows.
 */
#define pr_fmt(fmt) "ukl: " fmt

#include <linux/init.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/printk.h>

#include <asm/apic.h>

/* What is slower, calibrate_APIC_clock() takes for broken. */
#define UKL_APIC_TIMER_MIN	1000000

static int __init ukl_apic_timer(char *arg)
{
	unsigned int frequency;

	if (!arg || kstrtouint(arg, 10, &frequency) || frequency < UKL_APIC_TIMER_MIN) {
		pr_err("ukl_apic_timer= takes a frequency of at least %u Hz; the timer is measured\n",
		       UKL_APIC_TIMER_MIN);
		return -EINVAL;
	}
	lapic_timer_period = frequency / HZ;
	return 0;
}
early_param("ukl_apic_timer", ukl_apic_timer);
