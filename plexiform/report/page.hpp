#pragma once
#include <filesystem>
#include <string>
#include <string_view>

namespace plexiform {

/// All that a report page shows, as JSON (docs/formats/page.md), from a folder that `fit`, `compare`, `study`,
/// `transfer`, `flashed` or `demo` made. What was not made yet is left out and named in `missing`. Throws Error{file}
/// where the folder is none of these, or a file in it is damaged.
std::string page_json(const std::filesystem::path& folder);

/// The page itself, HTML in one file that needs no network: `page_template` with the JSON in it. Text in the JSON stays
/// text. Throws InternalError where the template has no place for it.
std::string page_html(std::string_view page_template, std::string_view json);

/// The page without its data, made from web/ when the library was built; empty where there was no node then.
std::string_view page_template();

/// Writes the page of a folder, or with a name that ends with .json its data alone. Throws Error{usage} at another
/// ending than that, .html or .htm; Error{file} as page_json, and where this library was built without the page: then
/// the data are written beside.
void write_page(const std::filesystem::path& folder, const std::filesystem::path& output,
                std::string_view empty_page = page_template());

}  // namespace plexiform
