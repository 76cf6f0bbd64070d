-- A contact's name follows from family and given name while nothing else was written there. The same rule in Rust:
-- domain::kind::full_name.

-- Scripts that write the family name first, and without a blank: Han, Hangul, kana.
create function full_name(family text, given text) returns text language sql immutable parallel safe as $$
    select nullif(case
        when concat(family, given) ~ '[〇㐀-䶿一-鿿豈-﫿𠀀-𲎯가-힣ぁ-ヿ]' then concat(btrim(family), btrim(given))
        else btrim(concat(btrim(given), ' ', btrim(family)))
    end, '')
$$;

create function contact_rules() returns trigger language plpgsql as $$
begin
    if nullif(btrim(new.name), '') is null then
        new.name := public.full_name(new.family_name, new.given_name);
    elsif tg_op = 'UPDATE' and new.name = old.name and old.name = public.full_name(old.family_name, old.given_name) then
        new.name := coalesce(public.full_name(new.family_name, new.given_name), new.name);
    end if;
    return new;
end $$;
-- Names are mostly given: then an insert costs no more than before.
create trigger a_rules before insert on contact
    for each row when (new.name is null or btrim(new.name) = '') execute function contact_rules();
create trigger a_rules_update before update of name, family_name, given_name on contact
    for each row execute function contact_rules();

-- A person is also found by the given name's sound: 王伟 by `wei`, 王小明 by `xiaoming` and `xm`. A name of two to four
-- Han characters begins with one for the family, of four with two. Names are ordered by a collation of their own, the table
-- of sounds is not: said, so that its index serves. Else as in 0002.
create or replace function han_words(run text, is_name boolean) returns text[] language plpgsql stable
    set plan_cache_mode = auto as $$
declare
    chars text[] := string_to_array(run, null);
    n int := array_length(chars, 1);
    given int := case when n = 4 then 3 else 2 end;
    found text[] := chars;
    tail text := '';
    tail_initials text := '';
    reading text;
    before int;
begin
    for i in 1 .. n - 1 loop
        found := found || (chars[i] || chars[i + 1]);
    end loop;
    if is_name and n between 2 and 8 then
        for i in 3 .. n loop
            reading := (select p.readings[1] from public.pinyin p where p.ch = chars[i] collate "default");
            if reading is null then return found; end if;
            tail := tail || reading;
            tail_initials := tail_initials || left(reading, 1);
        end loop;
        before := cardinality(found);
        found := found || array(
            select form from public.pinyin a, unnest(a.readings) x, public.pinyin b, unnest(b.readings) y,
                unnest(array[x || y || tail, left(x, 1) || left(y, 1) || tail_initials]) form
            where a.ch = chars[1] collate "default" and b.ch = chars[2] collate "default");
        -- Only where both of the first characters have a sound.
        if n <= 4 and cardinality(found) > before then
            -- Behind the given name's first character stands what is left of the tail.
            if n = 4 then
                tail := (select p.readings[1] from public.pinyin p where p.ch = chars[4] collate "default");
                tail_initials := left(tail, 1);
            end if;
            found := found || array(
                select form from public.pinyin g, unnest(g.readings) x,
                    unnest(array[x || tail, left(x, 1) || nullif(tail_initials, '')]) form
                where g.ch = chars[given] collate "default" and form is not null);
        end if;
    end if;
    return found;
end $$;

-- Words written as null are made anew.
update contact set search = null where name ~ '[〇㐀-䶿一-鿿豈-﫿𠀀-𲎯]';
