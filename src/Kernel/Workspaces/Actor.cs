namespace Tenet.Kernel.Workspaces;

public enum ActorKind
{
    System,
    Member,
    Visitor,
    Assistant,
    Operator,
}

/// <summary>Who does something. <see cref="Id"/> is a member's or a visitor's id, null for the others.</summary>
public readonly record struct Actor(ActorKind Kind, Guid? Id = null)
{
    public static Actor System => new(ActorKind.System);
    public static Actor Assistant => new(ActorKind.Assistant);
    public static Actor Operator => new(ActorKind.Operator);

    public static Actor Member(Guid id) => new(ActorKind.Member, id);

    public static Actor Visitor(Guid id) => new(ActorKind.Visitor, id);
}
