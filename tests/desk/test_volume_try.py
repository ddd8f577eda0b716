import time, psycopg, json, random, statistics
import pytest
from django.db import connection
from tests.desk.conftest import *
from bihuan.site.postgres import database_url
from bihuan.lib.text import bigrams
from bihuan.kernel.cases.opening import gram_codes
from bihuan.packs.hotline.generator import orders
from datetime import date

def owner():
    p = database_url("owner"); 
    return psycopg.connect(dbname=connection.settings_dict["NAME"], user=p["USER"], host=p["HOST"], port=p["PORT"], autocommit=True)

def test_volume(django_db_setup, django_db_blocker, now, monkeypatch):
    django_db_blocker.unblock()
    from tests.desk.conftest import City
    city = City(now)
    U = city.units; random.seed(1)
    depts = [v for k,v in U.items() if k.startswith("371502_") and k not in ("371502_12345",)]
    desk, centre = U["371502_desk"], U["371502_12345"]
    texts = [(o.title, o.text) for o in orders(count=3000, seed=1, start=date(2025,1,1), end=date(2025,12,1))] if True else []
    with owner() as db:
        t=time.time()
        db.execute("create temp table tx (i int, title text, text text, grams int[])")
        with db.cursor().copy("copy tx from stdin") as cp:
            for i,(a,b) in enumerate(texts): cp.write_row((i, a, b, gram_codes(bigrams(a+"\n"+b))))
        db.execute("""
        insert into cases_case (id, number, pack, workflow, state, version, title, matter, place, unit_id, opened_by_id, region, basis_date, reported_at, opened_at, moved_at, closed_at, due_at, warn_at, urgent, confidential, provisional, returnable, supervised, imported, redo_count, return_count, urge_count, facts, progress, seq, head)
        select 1000000+i, 'RX'||to_char(%(now)s::timestamptz - (151404-i) * interval '208 seconds','YYYYMMDD')||lpad((i%%100000)::text,5,'0'), 'hotline','hotline/1',
          case when open then (array['received','coordinating','dispatched','handling','handling','handling','handling','reviewing','calling_back','paused','returned'])[1+i%%11] else 'closed' end,
          5, (select title from tx where tx.i = g.i%%3000), '0101', '东昌府区某处',
          case when open and i%%11 in (0,8,10) then %(centre)s when open and i%%11=1 then %(desk)s else (%(depts)s::bigint[])[1 + (i*7919 %% %(n)s)] end, %(centre)s, '371502', now()::date,
          %(now)s::timestamptz - (151404-i) * interval '208 seconds', %(now)s::timestamptz - (151404-i) * interval '208 seconds', now(), case when open then null else %(now)s::timestamptz - (151404-i) * interval '208 seconds' + interval '3 days' end,
          case when open and i%%11 <> 9 then %(now)s::timestamptz + ((i*37)%%14400 - 1000) * interval '1 minute' end, case when open and i%%11<>9 then %(now)s::timestamptz + ((i*37)%%14400 - 2400) * interval '1 minute' end,
          false,false,false,true,false,false,0,0,0, '{"type":"complaint","max_returns":2,"reachable":true}', '{"levels":["bureau_head","reviewer"],"did":{"handle":[3],"review":[5]}}'::jsonb || case when i%%2=0 then '{"level":1}'::jsonb else '{}'::jsonb end, 8, '\\x00'
        from (select i, (i*31 %% 151404) >= 121404 as open from generate_series(1,151404) i) g
        """, {"now": now, "centre": centre, "desk": desk, "depts": depts, "n": len(depts)})
        db.execute("insert into cases_text (case_id, text, answer, grams) select c.id, t.text, '', t.grams from cases_case c join tx t on t.i = (c.id-1000000)%%3000 where c.id>1000000" .replace("%%","%"))
        db.execute("insert into case_viewer (case_id, unit_id) select id, %s from cases_case where id>1000000 and unit_id <> %s", [centre, centre])
        db.execute("insert into case_viewer (case_id, unit_id) select id, %s from cases_case where id>1000000 and id%%5=0 and unit_id<>%s on conflict do nothing", [desk, desk])
        db.execute("""insert into clocks_clock (case_id, kind, basis, "limit", started_at, due_at, level, pauses, extensions, provisional) select id,'handle','promised','{"number":5,"unit":"working_day","warnings":[0.8]}', opened_at, due_at, 0,'[]','[]',false from cases_case where id>1000000 and closed_at is null""")
        db.execute("vacuum analyze")
        print("seeded", time.time()-t)
    from bihuan.kernel.desk.counts import closed_roll_up
    t=time.time(); closed_roll_up(last=date(2026,3,1)); print("rollup s", time.time()-t)
    moment = now + timedelta(hours=1)
    monkeypatch.setattr("bihuan.site.middleware.timezone.now", lambda: moment)
    def timed(who, url, n=25):
        c = Client()
        with kernel_writes(): c.force_login(Person.objects.get(username=who))
        ts=[]
        for _ in range(n):
            s=time.perf_counter(); r=c.get(url); ts.append((time.perf_counter()-s)*1000)
        ts.sort(); print(f"{who:6} {url:45} {r.status_code} p50 {ts[len(ts)//2]:.1f} p95 {ts[int(len(ts)*.95)-1]:.1f}", flush=True)
    for who in ("wang","sun","zhou","zhao","liu","li","tang"):
        for url in ("/","/?tab=unit","/?tab=all"):
            timed(who,url)
    for url in ("/?tab=all&burning=near","/?tab=all&burning=late","/?tab=all&state=handling","/?tab=all&closed=1","/?tab=all&number=RX202601","/?tab=all&since=2026-02-01","/?tab=all&unit=371502_market", "/search?q=物业", "/search?q=业主委员会", "/search?q=RX20260105"):
        timed("tang",url,10)
    for url in ("/?closed=1","/search?q=物业", "/search?q=拖欠工资"):
        timed("sun",url,10)
    import django.db
    from django.test.utils import CaptureQueriesContext
    for who, url in (("tang","/?tab=all"),("sun","/?tab=all"),("zhou","/?tab=all")):
        c = Client()
        with kernel_writes(): c.force_login(Person.objects.get(username=who))
        with CaptureQueriesContext(connection) as q: c.get(url)
        print(who,url)
        for x in q.captured_queries:
            if float(x["time"])>=0.003: print("   ", x["time"], x["sql"][:220].replace("\n"," "))
    c=Client()
    with kernel_writes(): c.force_login(Person.objects.get(username="tang"))
    s=time.time(); r=c.get("/export.xlsx?tab=all"); print("export", time.time()-s, len(b"".join(r.streaming_content)))
