#pragma once
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace plexiform {

/// What a run can lack, and what a caller's users do to make it ("plexiform score run"), which a page then says; empty:
/// it says only what is missing.
enum class MissingPart { fit, score, subunits };
using HowToMake = std::function<std::string(MissingPart, const std::filesystem::path& run)>;

/// All that a report page shows, as JSON (docs/formats/page.md), from a folder that `fit`, `compare`, `study`,
/// `transfer`, `flashed` or `demo` made. What was not made yet is omitted and named in `missing`. Throws Error{missing}
/// if the folder is none of these, Error{damaged} if a file in it is damaged, of a newer version, or of another model
/// or recording than the folder's.
std::string page_json(const std::filesystem::path& folder, const HowToMake& how = {});

/// The page itself, HTML in one file that needs no network: `page_template` with the JSON in it. Text in the JSON stays
/// text. Throws InternalError where the template has no place for it.
std::string page_html(std::string_view page_template, std::string_view json);

/// The page without its data, made from web/ when the library was built; empty where there was no node then.
std::string_view page_template();

/// Writes the page of a folder, or with a name that ends with .json its data alone. Throws Error{usage} at another
/// ending than that, .html or .htm; Error{file} as page_json, and where this library was built without the page: then
/// the data are written beside.
void write_page(const std::filesystem::path& folder, const std::filesystem::path& output, const HowToMake& how = {},
                std::string_view empty_page = page_template());

}  // namespace plexiform
