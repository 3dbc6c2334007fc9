namespace Requant.Distributed;

/// <summary>What sends and receives match within; a gather never takes the bytes of an exchange.</summary>
internal enum Channel
{
    /// <summary>Those of <see cref="ICommunicator.Begin"/>.</summary>
    Exchanges,

    /// <summary>Those that gathers, broadcasts and barriers consist of.</summary>
    Collectives,

    /// <summary>Those by which processes agree to leave; threads need none.</summary>
    Farewell,
}
