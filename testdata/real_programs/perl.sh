# perl: hashes, strings, regular expressions, sorting.
perl -e '
  my %table;
  for my $i (1 .. 200000) { $table{"key$i"} = "value$i" x ($i % 5); }
  my $length = 0;
  for my $key (sort keys %table) { $length += length $table{$key}; }
  print "$length\n";
  my $text = join ",", map { $_ * 7919 % 10007 } 1 .. 100000;
  my $count = () = $text =~ /(\d)\1/g;
  print "$count\n";
  my @nested = map { { name => "n$_", list => [1 .. $_ % 20] } } 1 .. 20000;
  @nested = grep { @{$_->{list}} > 10 } @nested;
  print scalar(@nested), "\n";
'
