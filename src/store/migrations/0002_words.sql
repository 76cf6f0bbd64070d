-- From text to the words that search finds. The same rules in Rust: domain::search.
--
-- Unicode's own idea of letters and lower case is wanted whatever the database's locale; the best collation that this
-- server has is written into the functions.

create table pinyin (ch text primary key, readings text[] not null);

do $do$
declare
    loc text := coalesce(
        (select quote_ident(collname) from pg_collation
          where collname in ('C.utf8', 'C.UTF-8', 'en_US.utf8', 'en_US.UTF-8', 'und-x-icu')
            and collencoding in (-1, pg_char_to_encoding(getdatabaseencoding()))
          order by array_position(array['C.utf8', 'C.UTF-8', 'en_US.utf8', 'en_US.UTF-8', 'und-x-icu'], collname::text)
          limit 1),
        '"default"');
begin
    -- NFKC and lower case, apostrophes gone, all but letters and digits turned into single blanks.
    execute format($f$
        create function plain_words(doc text) returns text language sql immutable parallel safe as $$
            select regexp_replace(
                translate(lower(normalize(doc, nfkc) collate pg_catalog.%1$s), '''’', ''), '[^[:alnum:]]+' collate pg_catalog.%1$s, ' ', 'g')
        $$
    $f$, loc);
end $do$;

-- Characters, pairs and, for names, the ways to type a run of Han characters in Latin letters.
create function han_words(run text, is_name boolean) returns text[] language plpgsql stable
    set plan_cache_mode = auto as $$
declare
    chars text[] := string_to_array(run, null);
    n int := array_length(chars, 1);
    found text[] := chars;
    heads text[];
    tail text := '';
    tail_initials text := '';
    reading text;
begin
    for i in 1 .. n - 1 loop
        found := found || (chars[i] || chars[i + 1]);
    end loop;
    if is_name and n between 2 and 8 then
        for i in 3 .. n loop
            reading := (select p.readings[1] from public.pinyin p where p.ch = chars[i]);
            if reading is null then return found; end if;
            tail := tail || reading;
            tail_initials := tail_initials || left(reading, 1);
        end loop;
        found := found || array(
            select form from public.pinyin a, unnest(a.readings) x, public.pinyin b, unnest(b.readings) y,
                unnest(array[x || y || tail, left(x, 1) || left(y, 1) || tail_initials]) form
            where a.ch = chars[1] and b.ch = chars[2]);
    end if;
    return found;
end $$;

-- At most 60 bytes of a word, whole characters.
create function cut_word(word text) returns text language plpgsql immutable parallel safe as $$
declare n int := 60;
begin
    if octet_length(word) <= 60 then return word; end if;
    n := least(length(word), 60);
    while octet_length(left(word, n)) > 60 loop n := n - 1; end loop;
    return left(word, n);
end $$;

-- The way for text that is not plain ASCII, or has very long words. `names` is the part of `doc` that pinyin is for.
create function search_words(doc text, names text) returns tsvector language plpgsql stable
    set plan_cache_mode = auto as $$
declare
    han constant text := '[〇㐀-䶿一-鿿豈-﫿𠀀-𲎯]+';
    flat text := public.plain_words(doc);
    stripped text;
    found text[] := '{}';
    named text[] := '{}';
    run text;
begin
    if flat ~ han then
        for run in select distinct m[1] from regexp_matches(public.plain_words(names), '(' || han || ')', 'g') m loop
            named := named || run;
            found := found || public.han_words(run, true);
        end loop;
        for run in select distinct m[1] from regexp_matches(flat, '(' || han || ')', 'g') m loop
            if run <> all (named) then
                found := found || public.han_words(run, false);
            end if;
        end loop;
        flat := regexp_replace(flat, han, ' ', 'g');
    end if;
    if octet_length(flat) <> length(flat) then
        stripped := normalize(regexp_replace(normalize(flat, nfd), '[\u0300-\u036f]+', '', 'g'), nfc);
        if stripped <> flat then
            found := found || string_to_array(stripped, ' ');
        end if;
    end if;
    found := found || string_to_array(flat, ' ');
    if flat ~ '[^ ]{16}' then
        found := array(select public.cut_word(w) from unnest(found) w);
    end if;
    return array_to_tsvector(array_remove(found, ''));
end $$;
