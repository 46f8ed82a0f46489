using Tenet.Kernel.Http;

namespace Tenet.Kernel.Workspaces;

public enum ActorKind
{
    System,
    Member,
    Visitor,
    Assistant,
    Operator,

    /// <summary>A key of the workspace, which acts for nobody in particular. A member's own key acts as the member.</summary>
    Key,
}

/// <summary>Who does something. <see cref="Id"/> is a member's, a visitor's or a key's id, null for the others.</summary>
public readonly record struct Actor(ActorKind Kind, Guid? Id = null)
{
    public static Actor System => new(ActorKind.System);
    public static Actor Assistant => new(ActorKind.Assistant);
    public static Actor Operator => new(ActorKind.Operator);

    public static Actor Member(Guid id) => new(ActorKind.Member, id);

    public static Actor Visitor(Guid id) => new(ActorKind.Visitor, id);

    public static Actor Key(Guid id) => new(ActorKind.Key, id);

    /// <summary>The member who acts.</summary>
    /// <exception cref="ConflictException">Somebody else acts: a key of the workspace cannot do what a person's name stands under.</exception>
    public Guid MemberId =>
        Kind == ActorKind.Member && Id is { } member
            ? member
            : throw new ConflictException("This is done in a person's name. Use a personal key, or name the member.");
}
