"""Staged acceptance (主体分阶段、土建与安装穿插) and acceptance of a part: which stage of which single work an application covers."""
