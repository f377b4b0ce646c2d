// The courses of the training and what is practised in each. A program that can see the trainees' pages marks the
// exercises itself: what has been done is read from the training site (flow/training_board.h), whether it is what was
// asked is decided here. Pure.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace training {

enum class Course { Author, Approver, Administrator };
constexpr Course kCourses[] = {Course::Author, Course::Approver, Course::Administrator};
std::string_view course_id(Course course);    ///< "author": the field `course` of training.held
std::string_view course_name(Course course);  ///< "作成者研修"
std::optional<Course> find_course(std::string_view id);

struct Exercise {
    std::string_view id;  ///< "heading"; never changes
    Course course;
    std::string_view title;  ///< "見出しを付ける"
    std::string_view hint;   ///< what to do, for the trainee
};
std::span<const Exercise> exercises_of(Course course);

/// What one seat has done on the training site.
struct Work {
    std::vector<std::string> pages;  ///< HTML of the pages that the person has written, in their own folder
    bool has_submitted = false;
    bool has_returned = false;  ///< with a comment
    bool has_approved = false;
    std::string part;  ///< the source of the part that is to be corrected, as the person saved it last; empty: never
    bool has_asked = false;  ///< the corrected part was submitted
};
/// One flag for each of exercises_of(course). For authors the page counts that has most.
std::vector<bool> mark(Course course, const Work& work);

/// The part that administrators correct: with the wrong telephone number, and what it has to say instead.
std::string faulty_part();
constexpr std::string_view kWrongPhone = "000-000-0000";
constexpr std::string_view kRightPhone = "012-345-6789";

}  // namespace training
