// SPDX-License-Identifier: MIT
#include "calls.h"

#include <inttypes.h>
#include <stdlib.h>

/* A function, called by that of its parent. The first one is nobody. */
struct node {
	uint32_t parent, child, sibling;
	uint32_t function;
	/* What it executed itself, in this segment and for the server. */
	uint64_t segment, total;
	/* Another one that executed something in this segment. */
	uint32_t next_active;
};

struct frame {
	uint64_t back;
	uint32_t node;
};

#define MAX_DEPTH 256

struct stack {
	size_t depth;
	struct frame frames[MAX_DEPTH];
};

static struct node *nodes;
static uint32_t node_count, node_capacity;
static uint32_t first_active;
static struct stack stack, server_stack;

bool calls_init(void)
{
	node_capacity = 1 << 16;
	nodes = calloc(node_capacity, sizeof(*nodes));
	node_count = 1;
	return nodes;
}

static uint32_t find_child(uint32_t parent, uint32_t function)
{
	for (uint32_t i = nodes[parent].child; i; i = nodes[i].sibling) {
		if (nodes[i].function == function)
			return i;
	}
	if (node_count == node_capacity) {
		node_capacity *= 2;
		nodes = realloc(nodes, node_capacity * sizeof(*nodes));
		if (!nodes)
			abort();
	}
	nodes[node_count] = (struct node){ .parent = parent, .sibling = nodes[parent].child, .function = function };
	nodes[parent].child = node_count;
	return node_count++;
}

static uint32_t top_node(void)
{
	return stack.depth ? stack.frames[stack.depth - 1].node : 0;
}

void calls_push(uint64_t back, uint32_t function)
{
	uint32_t node = find_child(top_node(), function);

	if (stack.depth < MAX_DEPTH)
		stack.frames[stack.depth++] = (struct frame){ back, node };
}

bool calls_pop(uint64_t back)
{
	for (size_t i = stack.depth; i > 0; i--) {
		if (stack.frames[i - 1].back == back) {
			stack.depth = i - 1;
			return true;
		}
	}
	return false;
}

void calls_replace(uint32_t function)
{
	uint32_t node = top_node();

	if (!node)
		calls_push(INTERRUPTED, function);
	else if (nodes[node].function != function)
		stack.frames[stack.depth - 1].node = find_child(nodes[node].parent, function);
}

void calls_clear(void)
{
	stack.depth = 0;
}

uint32_t calls_innermost(void)
{
	return nodes[top_node()].function;
}

void calls_charge(uint64_t instructions)
{
	uint32_t node = top_node();

	if (!node || !instructions)
		return;
	if (!nodes[node].segment) {
		nodes[node].next_active = first_active;
		first_active = node;
	}
	nodes[node].segment += instructions;
}

void calls_end_segment(bool servers)
{
	for (uint32_t i = first_active; i; i = nodes[i].next_active) {
		if (servers)
			nodes[i].total += nodes[i].segment;
		nodes[i].segment = 0;
	}
	first_active = 0;
	/* Whose turn it is nobody knows yet. What is taken for the server's is forgotten when it is another's. */
	if (servers)
		server_stack = stack;
	else
		stack = server_stack;
}

static void write_path(FILE *file, uint32_t node, void (*write_function)(FILE *file, uint32_t function))
{
	if (nodes[node].parent) {
		write_path(file, nodes[node].parent, write_function);
		fputc(';', file);
	}
	write_function(file, nodes[node].function);
}

void calls_write(FILE *file, void (*write_function)(FILE *file, uint32_t function))
{
	for (uint32_t i = 1; i < node_count; i++) {
		if (!nodes[i].total)
			continue;
		write_path(file, i, write_function);
		fprintf(file, " %" PRIu64 "\n", nodes[i].total);
	}
}
