package dev.gatehouse.approval;

/** A question after a move that PostgreSQL has committed, and the event of it. */
public record Moved(Approval approval, ApprovalEvent event) {}
