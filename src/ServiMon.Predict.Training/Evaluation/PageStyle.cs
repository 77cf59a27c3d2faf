namespace ServiMon.Predict.Training.Evaluation;

/// <summary>How the page of a report looks, in light and dark. Nothing is fetched: the page says so to the browser too.</summary>
internal static class PageStyle
{
    public const string Head = """
        <meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta name="color-scheme" content="light dark">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
        <style>
        :root{--page:#fff;--text:#1c2430;--soft:#5c6878;--line:#dde2e9;--panel:#f6f8fa;--model:#1f6feb;--prior:#9aa5b3;--hit:#c9372c;--near:#d2992230}
        @media(prefers-color-scheme:dark){:root{--page:#11161d;--text:#e3e8ef;--soft:#98a4b3;--line:#2b3440;--panel:#182029;--model:#6cabff;--prior:#6b7684;--hit:#ff7b72;--near:#d2992238}}
        body{background:var(--page);color:var(--text);font:15px/1.5 system-ui,sans-serif;max-width:68rem;margin:2rem auto 4rem;padding:0 1.2rem}
        h1{font-size:1.5rem;margin:0}h2{font-size:1.15rem;margin:2.4rem 0 .4rem}h3{font-size:.95rem;margin:0}h3 .soft{font-weight:400}
        p{margin:.5rem 0;max-width:52rem}.soft{color:var(--soft);font-size:.87rem}
        .lead{background:var(--panel);border-left:4px solid var(--model);padding:.8rem 1.1rem;margin:1.1rem 0;font-size:1.08rem;max-width:none}
        .scroll{overflow-x:auto}table{border-collapse:collapse;font-size:.87rem;font-variant-numeric:tabular-nums;margin:.7rem 0}
        th,td{padding:.25rem .6rem;text-align:right;white-space:nowrap;border-bottom:1px solid var(--line)}
        th{color:var(--soft);font-weight:600;vertical-align:bottom;white-space:normal;line-height:1.25}th:first-child,td:first-child{text-align:left;padding-left:0}
        td.left,th.left{text-align:left}tr.soft td{color:var(--soft)}tbody+tbody tr:first-child td{border-top:2px solid var(--line)}
        .grid{display:grid;gap:1rem 1.2rem;grid-template-columns:repeat(auto-fill,minmax(18.5rem,1fr));margin:.8rem 0}
        figure{margin:0}svg{display:block;width:100%;height:auto;overflow:visible}svg text{fill:var(--soft);font:10px system-ui,sans-serif}
        .frame{fill:var(--panel)}.rule{stroke:var(--line)}.diagonal,.alarm{stroke:var(--soft);stroke-dasharray:4 3;fill:none}
        .dot{fill:var(--model);fill-opacity:.55;stroke:var(--model)}.model{stroke:var(--model);stroke-width:1.3;fill:none}.prior{stroke:var(--prior);stroke-width:1.3;fill:none}
        .incident{fill:var(--hit)}.down{fill:var(--hit);fill-opacity:.3}.near{fill:var(--near)}.key{display:inline-block;width:1.4em;height:.7em;margin:0 .3em 0 .9em;vertical-align:baseline}
        details{margin:.7rem 0}summary{cursor:pointer}dt{font-weight:600}dd{margin:0 0 .4rem}li{margin:.15rem 0}
        </style>

        """;
}
