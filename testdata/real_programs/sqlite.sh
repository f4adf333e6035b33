# sqlite3: 200 000 rows, indexes, joins, vacuum.
sqlite3 database <<'SQL'
create table items(id integer primary key, name text, price real);
with recursive n(x) as (select 1 union all select x + 1 from n where x < 200000)
  insert into items select x, hex(x * 7919 % 10007), x * 0.5 from n;
create index by_name on items(name);
create index by_price on items(price);
select count(*), sum(id) from items where name like '3%';
select a.name, count(*) from items a join items b on b.id = a.id * 2
  group by a.name order by 2 desc, 1 limit 5;
delete from items where id % 3 = 0;
update items set name = name || '-' || id where id % 7 = 0;
vacuum;
select count(*), max(name) from items;
pragma integrity_check;
SQL
sha256sum < database
