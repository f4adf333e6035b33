# Sourced by prepare.sh: the repositories that Bazel 4.2.3 itself asks for, as
# copies of what Debian's packages install, made to fit that version.

debian_bazel=/usr/share/bazel
repositories_dir=$cache_dir/repositories-$(
  short_hash "$setup_dir/repositories.sh"
)

# use_cpp_toolchain() is newer than 4.2.3; this is what it returned then.
make_rules_cc() {
  cp -r "$debian_bazel/rules/cc/." "$1"
  sed -i -e 's/, "use_cpp_toolchain")/)/' \
    -e 's|use_cpp_toolchain()|["@bazel_tools//tools/cpp:toolchain_type"]|' \
    "$1"/cc/private/rules_impl/*.bzl
}

# The package's values plus those of Bazel's embedded copy that it lacks.
make_platforms() {
  local value
  cp -r "$debian_bazel/tools/platforms/." "$1"
  for value in mips64 riscv64 wasm32 wasm64; do
    grep -q "\"$value\"" "$1/cpu/BUILD" ||
      printf '\nconstraint_value(\n    name = "%s",\n%s\n)\n' "$value" \
        '    constraint_setting = ":cpu",' >>"$1/cpu/BUILD"
  done
}

# Shell rules are built into 4.2.3; newer versions load them from here.
make_rules_shell() {
  local rule
  mkdir -p "$1/shell"
  touch "$1/BUILD" "$1/shell/BUILD"
  for rule in sh_binary sh_library sh_test; do
    printf 'def %s(**kwargs):\n    native.%s(**kwargs)\n' "$rule" "$rule" \
      >"$1/shell/$rule.bzl"
  done
}

make_remote_coverage_tools() {
  cat >"$1/BUILD" <<'BUILD'
filegroup(
    name = "coverage_report_generator",
    visibility = ["//visibility:public"],
)
BUILD
}

make_rules_java() { cp -r "$debian_bazel/rules/java/." "$1"; }
make_rules_proto() { cp -r "$debian_bazel/rules/proto/." "$1"; }
make_bazel_skylib() { cp -r "$debian_bazel/tools/skylib/." "$1"; }

repository_names="bazel_skylib platforms remote_coverage_tools rules_cc
  rules_java rules_proto rules_shell"

make_repository() {
  mkdir -p "$2"
  "make_$1" "$2"
  [ -e "$2/WORKSPACE" ] || echo "workspace(name = \"$1\")" >"$2/WORKSPACE"
}

prepare_repositories() {
  local all=$repositories_dir name
  if ! bazel_is_debians || [ -d "$all" ]; then
    return 0
  fi
  rm -rf "$all.part"
  for name in $repository_names; do
    make_repository "$name" "$all.part/$name" ||
      fail "could not prepare the repository @$name from $debian_bazel"
  done
  mv "$all.part" "$all"
}
