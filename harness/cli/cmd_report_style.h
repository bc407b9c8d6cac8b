/* The looks of a report's page, light and dark, and its script. */
#ifndef HARNESS_CMD_REPORT_STYLE_H
#define HARNESS_CMD_REPORT_STYLE_H

/* A click on a heading sorts by its column, another one the other way round; what is no number comes last. */
#define SCRIPT                                                                                                         \
    "document.querySelectorAll('th').forEach(function(h){h.tabIndex=0;h.onclick=function(){"                           \
    "var b=h.closest('table').tBodies[0],i=h.cellIndex,d=h.getAttribute('aria-sort')==='descending'?1:-1;"             \
    "h.parentNode.querySelectorAll('th').forEach(function(o){o.removeAttribute('aria-sort')});"                        \
    "h.setAttribute('aria-sort',d<0?'descending':'ascending');"                                                        \
    "var v=function(r){return r.cells[i].textContent},n=function(r){return parseFloat(v(r).replace('~',''))};"         \
    "Array.from(b.rows).sort(function(p,q){var x=n(p),y=n(q);"                                                         \
    "if(h.className==='n'){if(isNaN(x)||isNaN(y))return isNaN(x)-isNaN(y);return d*(x-y)}"                             \
    "return -d*v(p).localeCompare(v(q))}).forEach(function(r){b.appendChild(r)})};"                                    \
    "h.onkeydown=function(e){if(e.key==='Enter')h.onclick()}})"
/* By which the page's policy knows it: SHA-256 in base64. */
#define SCRIPT_DIGEST "UetdmNFP10Enat/rOD/hWn4wz1EETkJLOXT7zvIBWFw="

static const char style[] =
    ":root{color-scheme:light dark;--bg:#fff;--fg:#202124;--card:#f6f7f9;--line:#d5d8dd;--dim:#5b5f66;--good:#00704f;"
    "--bad:#a84300}\n"
    "@media(prefers-color-scheme:dark){:root{--bg:#151618;--fg:#e8e8ea;--card:#1d1e21;--line:#3b3d42;--dim:#a5a8ae;"
    "--good:#3fd0a5;--bad:#ff9a57}}\n"
    "*{box-sizing:border-box}body{margin:0 auto;max-width:1560px;padding:1rem;background:var(--bg);color:var(--fg);"
    "font:16px/1.5 'DejaVu Sans',system-ui,sans-serif;overflow-wrap:anywhere}\n"
    "h1{font-size:1.5rem;margin:.2rem 0}h2{font-size:1.2rem;margin:2rem 0 .5rem;border-bottom:1px solid var(--line)}\n"
    ".answer{font-size:1.05rem;margin:.35rem 0;padding-left:1.2rem}.answer li:first-child{font-size:1.15rem}\n"
    ".dim,figcaption p,caption{color:var(--dim);font-size:.85rem}.quiet{color:var(--good)}\n"
    ".noisy,.failed{color:var(--bad)}\n"
    ".box{overflow-x:auto;border:1px solid var(--line);border-radius:6px;background:var(--card)}\n"
    ".box+.box{margin-top:.6rem}\n"
    "table{border-collapse:collapse;font-size:.85rem;font-variant-numeric:tabular-nums;overflow-wrap:normal}\n"
    "caption{text-align:left;padding:.4rem .6rem}\n"
    "th,td{padding:.2rem .6rem;text-align:left;white-space:nowrap;unicode-bidi:isolate;"
    "border-top:1px solid var(--line)}\n"
    "th{position:sticky;top:0;background:var(--card);cursor:pointer}.n{text-align:right}\n"
    "th[aria-sort=ascending]::after{content:' \\2191'}th[aria-sort=descending]::after{content:' \\2193'}\n"
    ".wide td{white-space:normal;overflow-wrap:anywhere}\n"
    ".wide td:first-child{white-space:nowrap;min-width:9rem}.wide{width:100%}\n"
    "pre{margin:0;padding:.6rem;white-space:pre-wrap;font:.8rem/1.45 'DejaVu Sans Mono',monospace}\n"
    ".pictures{display:grid;gap:1rem;grid-template-columns:repeat(auto-fit,minmax(min(100%,36rem),1fr))}\n"
    "figure{margin:0;min-width:0}figure .box{padding:.3rem}figcaption p{margin:.2rem 0}\n"
    "figure svg{display:block;min-width:560px;width:100%;max-width:860px;margin:auto;height:auto}\n"
    "figure svg>g>rect{fill:none!important}\n";

#endif
