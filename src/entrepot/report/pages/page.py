"""report.html: one file, no outside requests, for phones and for paper."""

from __future__ import annotations

from pathlib import Path

from entrepot.answers.manifest import check_for_report
from entrepot.answers.run import Run, open_run
from entrepot.report.charts.svg import esc
from entrepot.report.sections.summary import SECTIONS, summary

STYLE = """
:root{--ink:#1d2733;--soft:#5b6875;--line:#dde3e9;--tint:#f3f6f9;--mark:#0072b2}
*{box-sizing:border-box}
body{margin:0;color:var(--ink);background:#fff;font:16px/1.55 system-ui,-apple-system,"Segoe UI",sans-serif}
main,header,footer{max-width:980px;margin:0 auto;padding:0 18px}
header{padding-top:34px}
h1{font-size:1.85rem;line-height:1.2;margin:.2em 0 .3em}
h2{font-size:1.4rem;margin:2.2em 0 .5em;padding-top:.4em;border-top:3px solid var(--ink)}
h3{font-size:1.1rem;margin:1.8em 0 .4em}
p{margin:.6em 0}
.soft,figcaption,caption{color:var(--soft);font-size:.88rem}
.box{background:var(--tint);border-left:4px solid var(--mark);padding:.7em 1.1em;margin:1.2em 0}
.box ol{margin:.3em 0;padding-left:1.3em}.box li{margin:.45em 0}
nav ul{list-style:none;padding:0;margin:1em 0;display:flex;flex-wrap:wrap;gap:.3em 1.2em}
a{color:#005a8e}
figure{margin:1em 0}figure svg{width:100%;height:auto;display:block}
.pair{display:flex;flex-wrap:wrap;gap:14px}.pair figure{flex:1 1 300px;max-width:430px}
.scroll{overflow-x:auto;margin:1em 0}
table{border-collapse:collapse;font-size:.86rem;width:100%}
caption{text-align:left;padding-bottom:.4em}caption span{display:block;max-width:46em}
th,td{padding:.38em .6em;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}
th{border-bottom:2px solid var(--ink);font-weight:600;white-space:nowrap}
td.n,th.n{text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums}
td .name{font-weight:600}td small,li small{color:var(--soft)}
.dim{color:var(--soft)}
.tag{display:inline-block;font-size:.75rem;border:1px solid var(--line);border-radius:3px;padding:0 .35em;margin-right:.3em;white-space:nowrap}
details{margin:.8em 0}summary{cursor:pointer;color:#005a8e}
footer{margin:3em auto 2em;padding-top:1em;border-top:1px solid var(--line);color:var(--soft);font-size:.85rem}
td{overflow-wrap:break-word}td:first-child{min-width:3.2em}td .name{display:inline-block;min-width:17em}th.n{white-space:normal}.date{white-space:nowrap}p,li{max-width:46em}
@media(max-width:640px){
 body{font-size:15px}h1{font-size:1.45rem}h2{font-size:1.2rem}main,header,footer{padding:0 12px}
 figure{overflow-x:auto}figure svg{min-width:600px}.pair figure svg{min-width:0}
 th,td{padding:.38em .4em}td .name{min-width:9.5em}
 caption span,figcaption{position:sticky;left:0;max-width:calc(100vw - 24px)}
}
@media print{
 @page{size:A4;margin:16mm 14mm}
 :root{font-size:10pt}body{font-size:1rem}main,header,footer{max-width:none;padding:0}header{padding-top:0}
 .scroll{overflow:visible}table{font-size:7.6pt}th,td{padding:.25em .35em}
 h2{break-after:avoid}h3{break-after:avoid}figure,.box,tr{break-inside:avoid}
 details.printed::details-content{content-visibility:visible;block-size:auto}
 nav{display:none}a{color:inherit;text-decoration:none}th{white-space:normal}
}
"""
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"


def write_report(folder: Path) -> None:
    """Make report.html from the tables of a run."""
    run = open_run(folder)
    check_for_report(folder, run.manifest)
    aside = folder / ".report.html"
    page = render(run)
    aside.unlink(missing_ok=True)
    with aside.open("x", encoding="utf-8") as file:  # never through a link that lies there
        file.write(page)
    aside.replace(folder / "report.html")


def render(run: Run) -> str:
    """The page of a run as HTML."""
    manifest = run.manifest
    parts = [
        (anchor, heading if isinstance(heading, str) else heading(run), make(run))
        for anchor, heading, make in SECTIONS
    ]
    shown = [(a, t, body) for a, t, body in parts if body]
    contents = "".join(f'<li><a href="#{a}">{esc(t)}</a></li>' for a, t, _ in shown)
    body = "".join(
        f'<section id="{a}"><h2>{esc(t)}</h2>{content}</section>' for a, t, content in shown
    )
    world = manifest["world"]
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{esc(POLICY)}">
<meta name="referrer" content="no-referrer">
<title>{esc(manifest["title"])}</title><style>{STYLE}</style></head><body>
<header><p class="soft">entrepot study · rules and flags as of {esc(_date(run))} · trade base year {esc(world["trade_base_year"])}</p>
<h1>{esc(manifest["title"])}</h1><p>{esc(manifest["question"])}</p>
{summary(run)}<nav aria-label="Contents"><ul>{contents}</ul></nav></header>
<main>{body}</main>
<footer><p>Made by entrepot {esc(manifest["versions"]["entrepot"])} on {esc(manifest["made"][:10])}, seed {esc(manifest["seed"])},
facts {esc(world["hash"][:12])}. Every number carries an id naming the table, row and column of the run it comes from;
point at a number to see it. <code>entrepot explain number ID</code> tells the rest of its row, how it is known and its sources.</p></footer>
</body></html>
"""


def _date(run: Run) -> str:
    if "queries" in run.manifest["tables"] and len(queries := run.table("queries")):
        return str(queries["on"].iloc[0])
    return str(run.manifest["world"]["default_date"])
