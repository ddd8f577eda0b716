"""The names of 聊城's counties and townships in Latin letters, by code, without the word for their kind."""

from __future__ import annotations

_NAMES = """
371502 Dongchangfu; 371503 Chiping; 371521 Yanggu; 371522 Shenxian; 371524 Dong'e; 371525 Guanxian
371526 Gaotang; 371581 Linqing

371502001 Gulou; 371502002 Liuyuan; 371502003 Xinqu; 371502004 Huxi; 371502005 Daokoupu; 371502006 Yansi
371502008 Beicheng; 371502009 Dongcheng; 371502010 Jiangguantun; 371502011 Lihaiwu; 371502100 Houying
371502101 Shazhen; 371502102 Tangyi; 371502103 Liangshui; 371502104 Douhutun; 371502105 Zhengjia
371502106 Zhangluji; 371502107 Yuji; 371502108 Xuying; 371502109 Zhulaozhuang; 371502110 Guguantun
371502115 Hanji; 371502116 Guangping; 371502400 Xiangjiang Guangcai Market

371503001 Zhenxing; 371503002 Xinfa; 371503003 Wenchen; 371503101 Lepingpu; 371503102 Fengguantun
371503103 Caitun; 371503104 Boping; 371503105 Dulangkou; 371503106 Hantun; 371503107 Hutun
371503108 Xiaojiazhuang; 371503109 Jiazhai; 371503110 Hongguantun; 371503208 Yangguantun

371521001 Bojiqiao; 371521002 Qiaorun; 371521003 Shizilou; 371521101 Yanlou; 371521103 Acheng; 371521104 Qiji
371521105 Anle; 371521106 Dingshui; 371521107 Shifo; 371521108 Litai; 371521109 Shouzhang
371521111 Shiwuliyuan; 371521112 Zhangqiu; 371521113 Guodiantun; 371521114 Xihu; 371521115 Gaomiaowang
371521116 Jindouying; 371521203 Dabu

371522001 Yanta; 371522002 Shenting; 371522003 Shenzhou; 371522004 Donglu; 371522101 Zhanglu
371522102 Chaocheng; 371522103 Guancheng; 371522104 Gucheng; 371522105 Dazhangjia; 371522106 Guyun
371522107 Shibalipu; 371522109 Yandian; 371522110 Dongduzhuang; 371522111 Wangfeng; 371522112 Yingtaoyuan
371522113 Hedian; 371522114 Meizhong; 371522115 Weizhuang; 371522116 Zhangzhai; 371522117 Dawangzhai
371522118 Xuzhuang; 371522119 Wangzhuangji; 371522120 Shiziyuan; 371522121 Zudian

371524001 Tongcheng; 371524002 Xincheng; 371524101 Liuji; 371524102 Niujiaodian; 371524103 Daqiao
371524104 Gaoji; 371524105 Jianglou; 371524107 Yaozhai; 371524108 Yushan; 371524109 Chenji

371525001 Qingquan; 371525002 Chongwen; 371525003 Yanzhuang; 371525101 Jiazhen; 371525102 Sang'a
371525103 Liulin; 371525104 Qingshui; 371525105 Donggucheng; 371525106 Beiguantao; 371525107 Dianzi
371525108 Dingyuanzhai; 371525109 Xinji; 371525110 Liangtang; 371525111 Fanzhai; 371525112 Ganguantun
371525200 Xiedian; 371525206 Lanwo; 371525209 Wanshan

371526001 Yuqiuhu; 371526002 Huixin; 371526003 Renhe; 371526101 Liangcun; 371526102 Yinji; 371526103 Qingping
371526104 Guhe; 371526105 Sanshilipu; 371526106 Liulisi; 371526107 Zhaozhaizi; 371526108 Jiangdian
371526109 Yangtun

371581001 Qingnianlu; 371581002 Xinhualu; 371581003 Xianfenglu; 371581004 Daxinzhuang; 371581101 Songlin
371581102 Laozhaozhuang; 371581103 Kangzhuang; 371581104 Weiwan; 371581105 Liugaizi; 371581107 Bachalu
371581108 Panzhuang; 371581109 Yandian; 371581110 Tangyuan; 371581111 Jinhaozhuang; 371581112 Daiwan
371581113 Shangdian
"""


def _parsed(text: str) -> dict[str, str]:
    items = (item.strip() for line in text.splitlines() for item in line.split(";"))
    return dict(item.split(" ", 1) for item in items if item)


ROMANISED: dict[str, str] = _parsed(_NAMES)
"""Code of a county or township to its name in Latin letters."""

_KINDS = (
    ("服务中心", "Service Centre"),
    ("街道", "Subdistrict"),
    ("镇", "Town"),
    ("乡", "Township"),
    ("区", "District"),
    ("县", "County"),
    ("市", "City"),
)


def romanised(*, code: str, name: str) -> str:
    """The English name of the territory `code`, whose Chinese name ends in the word for its kind."""
    kind = next(english for ending, english in _KINDS if name.endswith(ending))
    return f"{ROMANISED[code]} {kind}"
