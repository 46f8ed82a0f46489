using Xunit;

namespace Tenet.Tests.Support;

/// <summary>Database roles belong to the whole server: what changes them runs while nothing else does.</summary>
[CollectionDefinition("Roles", DisableParallelization = true)]
public sealed class RolesCollection;
