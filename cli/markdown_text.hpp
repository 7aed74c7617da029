// Plain text as it is written in GitHub's Markdown, so that nothing in it is taken for markup.
#pragma once

#include <string>
#include <vector>

namespace fergraph {

/// One paragraph. What stands in backticks is left alone.
std::string prose(const std::string& text);
/// A cell of a table: prose in one line, bars escaped.
std::string table_text(const std::string& text);
/// A cell of a table in the font of code; nothing where the text is empty.
std::string table_code(const std::string& text);
/// A cell of a table: words in the font of code with commas between.
std::string code_list(const std::vector<std::string>& words);
/// Several paragraphs; lines that begin with blanks become a block of text in which columns stay columns.
std::string paragraphs(const std::string& text);
/// With a capital letter in front and a full stop behind, where they lack.
std::string sentence(std::string text);

}  // namespace fergraph
