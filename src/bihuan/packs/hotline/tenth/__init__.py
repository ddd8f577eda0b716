"""一把手抽访: the head's daily tenth."""
