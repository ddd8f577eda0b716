"""What the desk did not know: questions to approvers and missing materials become the morning meeting's lesson and knowledge."""
