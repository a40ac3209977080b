#pragma once
#include <string>
#include <vector>

#include "caller.hpp"
#include "options.hpp"
#include "plexiform/jobs/score_run.hpp"
#include "plexiform/result/subunits.hpp"

int fit_verb(const FitOptions& options, const Caller& caller);
int score_verb(const RunOptions& options, const Caller& caller);
int predict_verb(const RunOptions& options, const Caller& caller);
int reveal_verb(const RunOptions& options, const Caller& caller);
int compare_verb(const CompareOptions& options, const Caller& caller);
int study_verb(const StudyOptions& options, const Caller& caller);
int transfer_verb(const TransferOptions& options, const Caller& caller);
int demo_verb(const DemoOptions& options, const Caller& caller);
int doctor_verb(const DoctorOptions& options, const Caller& caller);

/// doctor --bench.
int bench_step(const DoctorOptions& options, const Caller& caller);
int bench_machine(const Caller& caller);

/// A remark on standard error, in place of the progress line where there is one.
void remark(const std::string& text);

/// Tables on standard output.
void print_scores(const plexiform::RunScore& score);
void print_subunits(const std::vector<plexiform::CellSubunits>& cells, double frame_rate);
