# git: init, 200 commits, log, gc, clone.
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.org
export GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.org
export GIT_CONFIG_NOSYSTEM=1
git init --quiet --initial-branch=main repository
cd repository
for i in $(seq 200); do
  seq "$i" $((i + 50)) > "file$((i % 20))"
  git add .
  GIT_AUTHOR_DATE="@$((1600000000 + i)) +0000" \
    GIT_COMMITTER_DATE="@$((1600000000 + i)) +0000" \
    git commit --quiet --message "change $i"
done
git log --stat | sha256sum
git diff HEAD~100 HEAD | sha256sum
git gc --quiet
git fsck --no-progress
git blame file3 | sha256sum
cd ..
git clone --quiet repository copy
git -C copy log --oneline | sha256sum
git -C copy status --short
