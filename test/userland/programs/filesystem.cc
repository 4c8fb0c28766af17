// SPDX-License-Identifier: Apache-2.0
/* std::filesystem of the distribution's own libstdc++: directories, links, copies, errors. */
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>
#include <vector>

#include "check.h"

namespace fs = std::filesystem;

namespace {

fs::path make_tree()
{
	fs::path root = fs::temp_directory_path() / ("ukl-filesystem-" + std::to_string(getpid()));

	fs::create_directories(root / "from" / "deep");
	std::ofstream(root / "from" / "text") << "some text";
	std::ofstream(root / "from" / "deep" / "empty");
	fs::create_symlink("text", root / "from" / "link");
	return root;
}

std::vector<std::string> list(const fs::path &directory)
{
	std::vector<std::string> names;

	for (const auto &entry : fs::recursive_directory_iterator(directory))
		names.push_back(entry.path().lexically_relative(directory));
	std::sort(names.begin(), names.end());
	return names;
}

void test_errors(const fs::path &root)
{
	std::string path;
	std::error_code code;

	try {
		fs::rename(root / "none", root / "other");
	} catch (const fs::filesystem_error &error) {
		path = error.path1();
	}
	CHECK("an error is an exception that names the file", path == root / "none");
	CHECK("or a code", fs::file_size(root / "none", code) == static_cast<std::uintmax_t>(-1) &&
	      code == std::errc::no_such_file_or_directory);
}

} // namespace

int main()
{
	const std::vector<std::string> all{"deep", "deep/empty", "link", "text"};
	const fs::path root = make_tree();

	CHECK("a tree is walked", list(root / "from") == all);
	CHECK("a link is read and followed", fs::read_symlink(root / "from" / "link") == "text" &&
	      fs::file_size(root / "from" / "link") == 9);
	fs::copy(root / "from", root / "to", fs::copy_options::recursive | fs::copy_options::copy_symlinks);
	CHECK("a tree is copied", list(root / "to") == all);
	fs::permissions(root / "to" / "text", fs::perms::owner_read);
	CHECK("permissions are set", fs::status(root / "to" / "text").permissions() == fs::perms::owner_read);
	CHECK("the free space is known", fs::space(root).capacity > 0);
	test_errors(root);
	CHECK("a tree is removed", fs::remove_all(root) == 11 && !fs::exists(root));
	return check_result();
}
